# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins that show a plan share: the question for a Yes. It talks to a terminal; it decides nothing."""

from __future__ import annotations

from ansible.errors import AnsiblePromptInterrupt, AnsiblePromptNoninteractive

from ._failure import ClusterActionFail

_PROMPT = "Type yes to carry this plan out, anything else to stop: "


def ask(display, why, unchanged="Nothing was changed"):
    """Ask a person for the Yes to the plan that was just shown.

    :param display: Ansible's ``Display``.
    :param why: what needs the Yes, in words.
    :param unchanged: what is true without it, in words.
    :raises ClusterActionFail: for every other answer, and where there is nobody to ask.
    """
    refused = "%s: %s. " % (unchanged, why)
    try:
        answer = display.prompt_until(_PROMPT, private=False)
    except AnsiblePromptNoninteractive:
        raise ClusterActionFail(refused + "There is no terminal to ask on: set senhasegura_confirm=true.")
    except AnsiblePromptInterrupt:
        raise ClusterActionFail(refused + "It was interrupted.")
    if answer.decode("utf-8", "replace").strip().lower() != "yes":
        raise ClusterActionFail(refused + "The answer was not yes.")
