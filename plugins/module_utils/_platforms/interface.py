# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a platform answers: the one interface behind every module.

A second platform is a file that implements :class:`Platform` and a line in ``select.py``; modules, roles and
playbooks stay as they are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod


class Platform(ABC):
    """A kind of member: plain Debian with MariaDB Galera, or the appliance.

    The settings of a step are a flat dict whose keys are the options of the step's module:

    ========= ==========================================================================================
    mode      ``mode`` (standalone, cluster), ``cluster_name``, ``sst_method`` (rsync, mariabackup)
    sync      ``enabled``, ``timeout`` (s), ``paths``, ``peers``
    members   ``members`` (ordered addresses), ``address``, ``name``, ``arbitrator`` (address or ""), ``bind_address``
    network   ``different_datacenters``, ``latency`` (low, medium, high), ``segment`` (0 is blank), ``intact`` (bool: what
              counts on-line runs as it is written)
    message   ``recovery_message``
    primary   ``primary`` (address), ``weight`` (votes of this member), ``application_active`` (bool or None), ``published``
              (bool: the row from which the members' health services tell the primary says the same, where there is one)
    ========= ==========================================================================================

    What a platform cannot set, or decides by itself, it says in :meth:`capabilities`; nobody else asks which one it is.

    Every method raises :class:`_errors.ClusterError` when the member does not answer as it must.
    """

    name = ""

    @abstractmethod
    def capabilities(self):
        """Where this platform differs; settings are named ``step.setting``.

        :returns: dict of ``packages`` (bool: what a member needs is installed by us), ``host_files`` (bool: hostname, DNS, NTP and
            firewall are files of the host that we write, not commands of its own), ``garbd`` (bool: its arbitrator is garbd on a host of
            ours), ``sync_keys`` (bool: the file synchronizers
            need keys of ours), ``restarts`` (settings that count from the next start, or of which nobody documented that they
            do not), ``decides`` (settings that the platform chooses itself: never compared, never written), ``manual`` (dict
            of setting to the menu path by which only a person can change it, ``{}`` in it for the value), ``refused`` (dict of
            setting to the reason why it must not be changed now), ``again`` (steps to apply once more when the member is
            restored), ``assumes`` (whether :meth:`make_primary` can be done), ``donors`` (whether
            :meth:`change_service` can name them), ``settle`` (steps to apply once more when all
            members are in: until then it may run other timers), ``ports`` (TCP ports that its members use among themselves beside Galera's),
            ``remedies`` (dict of what is to be mended to what to do there, with ``{}`` for values: the same keys on every platform),
            ``prepares`` (dict of those of the remedies that the playbook ``prepare_members`` carries out there to the case in which it
            mends, in words; "" where it mends in every case),
            ``health`` (where the platform itself tells load balancers how a member is: protocol and path; "" where we do).
        """

    @abstractmethod
    def contradictions(self):
        """Where the platform's own words, its files and its database do not agree: list of sentences."""

    @abstractmethod
    def read(self, step):
        """The settings of a step as they are written on this member.

        :param step: one of :data:`_values.STEPS`.
        :returns: dict with every key of the step; a value that was never written is what the platform assumes then.
        """

    @abstractmethod
    def write(self, step, settings):
        """Write the settings of a step, all of them, and apply on-line what needs no restart."""

    @abstractmethod
    def restart_required(self, step, settings):
        """Why this member must restart for a step's settings to be what runs.

        :param settings: the settings of the step as they are, or in check mode would be, written.
        :returns: list of reasons in words; empty when what runs is what is written, or is just being restored.
        """

    @abstractmethod
    def prepare_sync(self):
        """Make the member's own key for the file synchronizers, where the platform needs one.

        :returns: its public key, or "".
        """

    @abstractmethod
    def admitted(self):
        """The addresses that this member lets in beside its firewall; None where there is no such list."""

    @abstractmethod
    def admit(self, addresses):
        """Let addresses in.

        :param addresses: those that :meth:`admitted` lacks.
        """

    @abstractmethod
    def service(self):
        """The state of the database service.

        :returns: dict of ``active`` (bool), ``state`` (text as systemd says), ``pid``, ``started`` (epoch seconds).
        """

    @abstractmethod
    def change_service(self, state, donors=(), only_donors=False):
        """Start, stop, restart or bootstrap the database service.

        Starting and restarting do not wait for the state transfer, nor has bootstrapping to wait for crash recovery: ask
        :meth:`status` until the member is restored.

        :param state: one of :data:`_values.SERVICE_STATES`.
        :param donors: names of members from whom it rather receives all data in this start (``wsrep_sst_donor``), in that order,
            should it have to; none leaves it to Galera. Where the platform chooses, it is left to that.
        :param only_donors: whether nobody but the donors may give.
        """

    @abstractmethod
    def status(self, patience=None):
        """What the running database says of the cluster.

        :param patience: how many seconds to wait while the cluster is just noticing a change; None for as long as this
            cluster may take for that.
        :returns: dict of ``answers`` (bool), ``ready``, ``connected`` (bool), ``cluster_status``, ``local_state`` (int),
            ``local_state_comment``, ``conf_id``, ``state_uuid``, ``size`` (int), ``incoming_addresses`` (list),
            ``last_committed`` (int), ``recv_queue`` (int), ``weight`` (int), ``current`` (bool: a causal read just
            succeeded), ``wsrep_on`` (bool).
        """

    @abstractmethod
    def flow(self):
        """How replication flows at this moment.

        :returns: dict of ``recv_queue``, ``send_queue`` (write sets that wait), ``paused_ns`` (nanoseconds for which flow control
            paused replication, ever growing), ``pauses_sent`` (pauses that this member asked for, ever growing).
        """

    @abstractmethod
    def progress(self, status):
        """How far a member that is being restored has come.

        :param status: what :meth:`status` just said.
        :returns: dict of ``state`` (text), ``changing`` (bool: the service is still being started or stopped), ``bytes``
            (int or None), ``percent`` (float or None), ``failure`` (text or ""), ``restarts`` (how often it was restarted by itself
            since somebody started it).
        """

    @abstractmethod
    def telling(self):
        """The last lines of the error log that tell why a member is not restored: list of text."""

    @abstractmethod
    def saved(self):
        """The history on disk.

        :returns: dict of ``uuid``, ``seqno``, ``safe_to_bootstrap``, ``saved_view`` (bool), ``view`` (of :func:`_grastate.view`),
            ``transfer_aborted`` (bool), and ``unfinished`` (a recovery) and ``seeding``: what :meth:`begin` recorded and nobody ended
            (empty, or dict of ``work``, ``chosen``, ``since``, ``aside``: the data directory that was set aside since then, or "").
        """

    @abstractmethod
    def position(self):
        """The position of a stopped member that did not stop cleanly, as InnoDB's own recovery finds it.

        Galera's control files are copied aside before, since that recovery writes, as it does before every start.

        :returns: dict of ``uuid``, ``seqno``, ``gtid`` (MariaDB's own where it keeps one, or ""), ``problem`` (why they are unknown,
            or "") and ``copies`` (the path of the copies).
        """

    @abstractmethod
    def begin(self, work, chosen, anew=False):
        """Copy Galera's control files aside, and record that a work has begun that a killed run would leave unfinished. A recovery leaves
        the record of a seeding as it is, and a seeding that of a recovery.

        :param work: ``recovery``, ``reseed``, or ``comparison``: it was seeded anew, and is not compared yet.
        :param chosen: the name of the member that is bootstrapped, or "".
        :param anew: whether what an interrupted run has done of this work does not count.
        :returns: the path of the copies.
        """

    @abstractmethod
    def checksums(self, tables, position=0):
        """The checksums of replicated tables, all read at one position of the cluster.

        :param tables: names as ``schema.table``, or as an earlier reading told them; ``all`` among them for all that are not
            MariaDB's own.
        :param position: the position that is waited for, some seconds, before they are read.
        :returns: dict of table to dict of ``before``, ``after`` (positions right around the beginning of the snapshot in which they are
            read), ``now`` (when they were), and ``checksum`` (text; NULL where there is no such table).
        :raises ClusterError: for a name without a schema, and when no database answers.
        """

    @abstractmethod
    def make_primary(self):
        """Make this member's component primary (``pc.bootstrap``), for which there must be a person's Yes and all evidence.

        :raises ClusterError: where the platform has no command for it.
        """

    @abstractmethod
    def leave_behind(self, positions):
        """Remember members without which this one's component was made primary.

        :param positions: dict of their addresses to dict of ``uuid`` and ``seqno``, where those who are left went on, and ``name``, as the
            inventory calls the member (it may come back with another address).
        """

    @abstractmethod
    def take_back(self, addresses):
        """Forget that members were left behind."""

    @abstractmethod
    def write_canary(self, member, token):
        """Write a row that every other member must show: replaces the member's former one.

        :raises ClusterError: when it was not acknowledged.
        """

    @abstractmethod
    def canaries(self):
        """The rows that members wrote, read behind a causal read: dict of member name to token.

        :raises ClusterError: when no database answers.
        """

    @abstractmethod
    def remove_canaries(self):
        """Take the rows and their table away, on the whole cluster."""

    @abstractmethod
    def finish(self, work):
        """Forget what :meth:`begin` recorded of a work; the copies stay."""

    @abstractmethod
    def data(self):
        """What a joining member would lose.

        :returns: dict of ``schemas`` (list of dict ``name``, ``tables``, ``rows`` (about; None where no database answers that could
            tell), ``bytes``, ``updated``: of a stopped database the time of the newest file), ``bytes``, and ``fixed``: the data directory where it holds
            anything and cannot be renamed, because it is a mount point, or "".
        """

    @abstractmethod
    def host(self):
        """The host: ``hostname``, ``addresses``, ``clock`` (epoch seconds), ``free_bytes``, ``packages`` (dict), ``drained`` (why load
        balancers are told to keep away, or "").
        """

    @abstractmethod
    def updates(self, packages):
        """What could be updated, by the package lists that the host has.

        :param packages: names of Debian packages.
        :returns: dict of ``packages`` (dict of each that is installed to dict of ``installed``, ``candidate`` (versions),
            ``newer`` (bool), ``held`` (bool)), ``replaced`` (files that the running database has open though newer ones took
            their place: it must restart to run those) and ``unfinished`` (whichever packages dpkg has begun with and not ended).
        """

    @abstractmethod
    def packages_beside(self, packages):
        """What installing packages would replace besides, by the package lists that the host has.

        :param packages: names of Debian packages.
        :returns: dict of each installed package that would be replaced, or taken away, to dict of ``installed`` and ``candidate``
            (versions; "" for what is taken away). What no list knows replaces nothing.
        """

    @abstractmethod
    def refresh_packages(self):
        """Fetch the lists of packages anew."""

    @abstractmethod
    def install_packages(self, versions):
        """Update packages that are installed, and return when that is done, a restart by the packages themselves included.

        :param versions: dict of package to the version that it must have then.
        """

    @abstractmethod
    def sync_state(self):
        """File synchronizers: ``running`` (bool), ``public_key``, ``host_key``, ``last_success`` (address to seconds)."""

    @abstractmethod
    def ports(self, peers):
        """Whether this member reaches the cluster's ports on the others. Those in its own component are not tried: they are reached.

        :param peers: addresses.
        :returns: dict of address to dict of port (text) to ``open``, ``closed`` (reachable, nobody listens) or
            ``filtered`` (no answer).
        """

    @abstractmethod
    def set_aside(self):
        """Stop the database and move its data directory aside, so that the member is seeded anew. Nothing is deleted; an empty one
        counts as moved.

        :returns: dict of ``path`` and ``bytes`` of what was moved.
        """

    @abstractmethod
    def backup(self, directory):
        """Back up this member's data before it is replaced.

        :param directory: where; made if absent, root-only.
        :returns: dict of ``path`` and ``bytes``.
        """

    @abstractmethod
    def newest_backup(self, directory):
        """The newest backup of this member that is whole.

        :param directory: where :meth:`backup` puts them.
        :returns: dict of ``path``, ``bytes``, ``taken`` (epoch seconds); empty for none.
        """

    @abstractmethod
    def default_account(self):
        """The account with which the vendor delivers this platform, as far as it can be known without trying passwords.

        :returns: None where there is none by delivery; dict of ``name``, ``password`` (``set``, ``locked``, ``none``, or "" where
            there is no such account), ``changed`` (when it was set, in the host's words).
        """

    @abstractmethod
    def net_check(self):
        """What the platform's own test of the network says.

        :returns: None where it has none; dict of ``command``, ``passed`` (bool) and ``text``.
        """

    @abstractmethod
    def host_settings(self, names):
        """The host's own settings, where the platform has commands for them.

        :param names: some of ``hostname``, ``dns_servers``, ``dns_search``, ``ntp_servers``.
        :returns: dict of these names to text, or to a list of text.
        """

    @abstractmethod
    def set_host(self, wanted, names):
        """Change host settings.

        :param wanted: as :meth:`host_settings` returns them.
        :param names: those that differ.
        """
