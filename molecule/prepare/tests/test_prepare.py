"""What prepare_members makes of real hosts; above all that its firewall cannot lock the controller out."""

from __future__ import annotations

import functools
import json
import re
import socket

import faults
import lab
import pytest

MEMBERS = ["member-a", "member-b", "member-c"]
ADDRESSES = lab.addresses()
SWITCHES = ["hosts", "hostname", "dns", "ntp", "firewall"]
ARBITRATOR, STRANGER = (ADDRESSES["member-a"].rsplit(".", 1)[0] + last for last in (".77", ".78"))
"""Two more addresses of member-b: one is declared as the arbitrator's."""
FIREWALL = ("-e", '{"senhasegura_prepare_firewall": true}')
STATE = "mariadb --batch --execute \"SHOW GLOBAL STATUS LIKE 'wsrep_local_state_comment'\""
TABLE = "nft list table inet senhasegura_cluster"
ODD_PORT = 4568
"""Where member-b has a second way in for SSH: a port that the rules close, unless it is ansible_port."""

play = functools.partial(lab.play, playbook="senhasegura.cluster.prepare_members")


@pytest.fixture(scope="module", autouse=True, name="hosts")
def _hosts(tmp_path_factory):
    """An inventory that asks for everything, over hosts that are made like real ones.

    Podman mounts three files of /etc, and a mounted file cannot be replaced. The clock is that of all containers, so that
    chronyd may not set it: -x.
    """
    for name in MEMBERS:
        lab.shell(name, "for file in hosts hostname resolv.conf; do cp /etc/$file /tmp/keep; umount /etc/$file; "
                        "cat /tmp/keep > /etc/$file; done; mkdir -p /etc/systemd/system/chrony.service.d; "
                        "printf '[Service]\\nExecStart=\\nExecStart=!/usr/sbin/chronyd -x\\n' "
                        "> /etc/systemd/system/chrony.service.d/lab.conf; systemctl daemon-reload")
    lab.shell("member-b", "systemd-run --quiet --unit=odd-ssh socat TCP-LISTEN:%d,fork,reuseaddr TCP:127.0.0.1:22" % ODD_PORT)
    nameservers = lab.shell("member-a", "awk '/^nameserver/ {print $2}' /etc/resolv.conf").split()
    return lab.write_inventory(
        tmp_path_factory.mktemp("inventory") / "hosts.yml",
        variables=dict({"senhasegura_prepare_" + name: True for name in SWITCHES},
                       senhasegura_hostname="{{ inventory_hostname | replace('member', 'vault') }}",
                       senhasegura_dns_servers=nameservers, senhasegura_dns_search=["example.com"],
                       senhasegura_ntp_servers=["192.0.2.7", "192.0.2.8"], senhasegura_arbitrator=ARBITRATOR),
        per_host={"member-b": {"ansible_port": ODD_PORT}})


@pytest.fixture(scope="module", name="locked_out")
def _locked_out(tmp_path_factory):
    """An inventory whose way into member-b the rules close, because ansible_port does not tell of it. They count for longer than ssh tries."""
    common = lab.inventory()["senhasegura"]["vars"]["ansible_ssh_common_args"]
    return lab.write_inventory(
        tmp_path_factory.mktemp("inventory") / "hosts.yml", variables={"senhasegura_firewall_confirm_seconds": 600},
        per_host={"member-b": {"senhasegura_firewall_confirm_seconds": 45,
                               "ansible_ssh_common_args": "%s -o Port=%d" % (common, ODD_PORT)}})


def answer(address, port, seconds=1.0):
    """What a new connection from the controller finds: open, closed, no answer at all, or what this machine says of it (No route to host)."""
    try:
        socket.create_connection((address, port), seconds).close()
        return "open"
    except ConnectionRefusedError:
        return "closed"
    except TimeoutError:
        return "filtered"
    except OSError as error:
        return error.strerror


def answer_from(name, address, port, source=""):
    """The same, from a member, from one of its addresses."""
    script = "import socket; socket.create_connection(('%s', %d), 1, ('%s', 0))" % (address, port, source)
    said = lab.shell(name, 'python3 -c "%s" 2>&1 || true' % script)
    return "closed" if "ConnectionRefusedError" in said else "filtered" if "TimeoutError" in said or "timed out" in said else said or "open"


def trees():
    return {name: (lab.tree(name), lab.shell(name, "nft list ruleset; hostname")) for name in MEMBERS}


def table(name):
    return lab.shell(name, TABLE + " 2>/dev/null || echo none")


def test_nothing_asked_nothing_done():
    before = trees()
    run = play()
    assert run.rc == 0 and run.changed() == [] and "Nothing is asked for. Set one of these to true" in run.output
    assert "asked for by" not in run.output and trees() == before


LABELS = ("a hostname must be labels of letters, digits and dashes, at most 63 characters, not '%s'; nothing was changed on it. Set "
          "senhasegura_hostname for this host")
SERVERS = ("senhasegura_prepare_dns needs senhasegura_dns_servers, one or more IP addresses, and it is %s; nothing was changed on it. Correct "
           "senhasegura_dns_servers")
WRITER = ("/etc/resolv.conf is %s; expected a plain file that no program writes, or systemd-resolved running. The DNS servers were left as "
          "they are. Set them in the program that writes the file and turn senhasegura_prepare_dns off for this host, or take that program away")


@pytest.mark.parametrize("spoil, switch, variables, message", [
    ("", "dns", {"senhasegura_dns_servers": "192.0.2.53"}, "senhasegura_dns_servers must be a list, not '192.0.2.53'; nothing was changed on "
     "it. On the command line: -e '{\"senhasegura_dns_servers\": [\"192.0.2.53\"]}'"),
    ("", "hostname", {"senhasegura_hostname": "vault_1"}, LABELS % "vault_1"),
    ("", "hostname", {"senhasegura_hostname": "10.0.0.11"}, LABELS % "10.0.0.11"),
    ("", "hostname", {"senhasegura_hostname": "vault"}, "every member needs a hostname of its own, and the senhasegura_hostname of member-b, "
     "member-c is vault as well; nothing was changed on it. Set senhasegura_hostname per host in the inventory, or leave it out: it is the "
     "name in the inventory then"),
    ("", "dns", {}, SERVERS % "[]"), ("", "dns", {"senhasegura_dns_servers": ["dns.example.com"]}, SERVERS % '["dns.example.com"]'),
    ("", "firewall", {"senhasegura_firewall_database_clients": ["10.0.0.0/24", "app"]},
     "senhasegura_firewall_database_clients must be IP addresses or networks (10.0.0.0/24), and it is [\"10.0.0.0/24\", \"app\"]; nothing was "
     "changed on it. Correct it"),
    ("sed -i '1i # Generated by NetworkManager' /etc/resolv.conf", "dns", {"senhasegura_dns_servers": ["192.0.2.53"]},
     WRITER % "marked: # Generated by NetworkManager"),
    ("ln -sf /run/resolv.conf /etc/resolv.conf", "dns", {"senhasegura_dns_servers": ["192.0.2.53"]}, WRITER % "a link to /run/resolv.conf")])
def test_what_cannot_be_done_is_refused_and_changes_nothing(spoil, switch, variables, message):
    """Of member-a alone: every host says it of itself. Only the run lock is left where the host itself was looked at last, for who runs next."""
    lab.shell("member-a", "cp -p /etc/resolv.conf /run/resolv.conf; " + spoil)
    before = trees_but_for_the_lock()
    try:
        run = play("--limit", "member-a", "-e", json.dumps(dict(variables, **{"senhasegura_prepare_" + switch: True})))
        after = trees_but_for_the_lock()
    finally:
        lab.shell("member-a", "rm /etc/resolv.conf; cp -p /run/resolv.conf /etc/resolv.conf")
    lab.assert_refused(run, "Action failed: member-a: " + message)
    assert run.changed() == [] and after == before


def trees_but_for_the_lock():
    return {name: ([line for line in tree.splitlines() if "/run/senhasegura-cluster" not in line], rules)
            for name, (tree, rules) in trees().items()}


def test_check_mode_tells_and_writes_nothing(hosts):
    before = trees()
    run = play("--check", "--diff", hosts=hosts)
    assert run.rc == 0 and run.changed() == MEMBERS
    for name in MEMBERS:
        assert ("%s: asked for by senhasegura_prepare_hostname, senhasegura_prepare_hosts, senhasegura_prepare_dns, senhasegura_prepare_ntp, "
                "senhasegura_prepare_firewall. Expected downtime: none; no database restarts. TCP 3306 answers %s and nobody else. What differs "
                "from it is changed; --check --diff tells what\"" % (name, ", ".join(ADDRESSES.values()))) in run.output
    assert "chrony would be installed" in run.output and "+    tcp dport 3306 drop" in run.output
    assert trees() == before


def test_rules_that_nobody_confirms_take_themselves_back(locked_out):
    lab.play_until("Come in through the rules over a new connection", *FIREWALL, hosts=locked_out,
                   playbook="senhasegura.cluster.prepare_members")
    assert "chain input" in table("member-b") and answer(ADDRESSES["member-b"], ODD_PORT) == "filtered"
    lab.wait_for(lambda: answer(ADDRESSES["member-b"], ODD_PORT) == "open")
    assert table("member-b") == "none"
    assert "chain input" in table("member-a") and "chain input" in table("member-c")


def test_who_is_locked_out_is_told_and_the_others_are_prepared(locked_out):
    """Also the run after the interrupted one: on member-a and member-c the rules are still on trial when it starts."""
    run = play(*FIREWALL, hosts=locked_out)
    assert run.rc != 0
    assert ("[ERROR]: Task failed: Action failed: member-b: the controller came in before the firewall rules and does not come in "
            "through them (") in run.output
    assert run.recap("failed") == {"member-a": 0, "member-b": 1, "member-c": 0}
    lab.wait_for(lambda: answer(ADDRESSES["member-b"], ODD_PORT) == "open")
    assert table("member-b") == "none"
    lab.shell("member-b", "! test -e /etc/senhasegura-cluster/firewall.nft")
    for name in ("member-a", "member-c"):
        assert "chain input" in table(name)
        lab.shell(name, "test -e /etc/senhasegura-cluster/firewall.nft && systemctl is-enabled senhasegura-cluster-firewall && "
                        "! systemctl is-active senhasegura-cluster-firewall-rollback.timer")


@pytest.mark.parametrize("count", range(1, len(SWITCHES) + 1), ids=SWITCHES)
def test_check_mode_of_each_switch_tells_what_the_real_run_does(hosts, count):
    """One switch more each time."""
    asked = ("-e", json.dumps({"senhasegura_prepare_" + name: name in SWITCHES[:count] for name in SWITCHES}))
    before = trees()
    checked = play("--check", *asked, hosts=hosts)
    assert checked.rc == 0 and trees() == before
    run = play(*asked, hosts=hosts)
    assert run.rc == 0 and run.changed() == checked.changed() == MEMBERS


def test_what_was_asked_is_there():
    names = " ".join("%s vault-%s member-%s" % (ADDRESSES["member-" + one], one, one) for one in "abc").split()
    for name in MEMBERS:
        assert lab.shell(name, "hostname; cat /etc/hostname").split() == [name.replace("member", "vault")] * 2
        assert lab.shell(name, "sed -n '/BEGIN members/,/END members/p' /etc/hosts | grep -v '#'").split() == names
        assert lab.shell(name, "getent ahostsv4 vault-b | head -1").split()[0] == ADDRESSES["member-b"]
        assert lab.shell(name, "grep ^search /etc/resolv.conf") == "search example.com"
        assert lab.shell(name, "chronyc -c -N sources -a | cut -d, -f3").split() == ["192.0.2.7", "192.0.2.8"]
        lab.shell(name, "systemctl is-active chrony && systemctl is-enabled chrony && pgrep -a chronyd | grep -q -e -x")
        assert table(name) != "none"
    assert answer(ADDRESSES["member-b"], ODD_PORT) == "open", "its ansible_port"


def test_again_changes_nothing(hosts):
    before = trees()
    run = play(hosts=hosts)
    assert run.rc == 0 and run.changed() == []
    run = play("--limit", "member-a", hosts=hosts)
    assert run.rc == 0 and run.changed() == []
    assert trees() == before


@pytest.mark.parametrize("port", [3306, 4444, 4567, 4568])
def test_members_reach_each_other_and_a_stranger_does_not(port):
    for name in MEMBERS:
        assert answer(ADDRESSES[name], port) == ("open" if (name, port) == ("member-b", ODD_PORT) else "filtered")
        for other in set(MEMBERS) - {name}:
            assert answer_from(other, ADDRESSES[name], port) in ("open", "closed")


def test_the_arbitrator_is_let_in_to_the_cluster_s_ports_and_not_to_the_database():
    lab.shell("member-b", "for address in %s %s; do ip address add $address/24 dev eth0; done" % (ARBITRATOR, STRANGER))
    try:
        met = {(source, port): answer_from("member-b", ADDRESSES["member-a"], port, source)
               for source in (ARBITRATOR, STRANGER) for port in (3306, 4444, 4567, 4568)}
    finally:
        lab.shell("member-b", "for address in %s %s; do ip address delete $address/24 dev eth0; done" % (ARBITRATOR, STRANGER))
    assert met == {(source, port): "closed" if source == ARBITRATOR and port != 3306 else "filtered" for source, port in met}


def test_datagrams_of_group_communication():
    lab.shell("member-a", "systemd-run --quiet --unit=heard socat -u UDP-RECV:4567 OPEN:/tmp/heard,creat,append")
    lab.wait_for(lambda: lab.shell("member-a", "ss -Hlun 'sport = :4567'"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"stranger\n", (ADDRESSES["member-a"], 4567))
    lab.shell("member-b", "echo member > /dev/udp/%s/4567" % ADDRESSES["member-a"])
    lab.wait_for(lambda: lab.shell("member-a", "cat /tmp/heard 2>/dev/null || true"))
    assert lab.shell("member-a", "systemctl stop heard; cat /tmp/heard; rm /tmp/heard") == "member"


def test_the_rules_outlive_others_and_a_drift_is_mended(hosts):
    """Debian's own nftables.conf empties all tables, and what somebody does to ours by hand is seen and undone."""
    wanted = table("member-c")
    lab.shell("member-c", "systemctl start nftables")
    assert table("member-c") == wanted
    lab.shell("member-c", "systemctl reload nftables && systemctl restart nftables && systemctl restart senhasegura-cluster-firewall")
    assert table("member-c") == wanted
    others = lab.shell("member-c", "nft list table inet filter")
    lab.shell("member-c", "nft add rule inet senhasegura_cluster input tcp dport 80 drop")
    assert play("--check", hosts=hosts).changed() == ["member-c"]
    run = play(hosts=hosts)
    assert run.rc == 0 and run.changed() == ["member-c"]
    assert table("member-c") == wanted and lab.shell("member-c", "nft list table inet filter") == others


def test_where_systemd_resolved_runs_it_is_told(hosts):
    """On member-c alone; /etc/resolv.conf is its own then, and prepare_members leaves it alone."""
    # In a container the bus does not notice by itself that a package brought a service.
    lab.shell("member-c", "apt-get install -y -qq -o Acquire::Retries=3 systemd-resolved >/dev/null 2>&1 && systemctl reload dbus && "
                          "systemctl restart systemd-resolved")
    servers = lab.shell("member-a", "awk '/^nameserver/ {print $2}' /etc/resolv.conf").split()
    link = lab.shell("member-c", "readlink /etc/resolv.conf")
    assert play("--check", hosts=hosts).changed() == ["member-c"]
    run = play(hosts=hosts)
    assert run.rc == 0 and run.changed() == ["member-c"]
    assert lab.shell("member-c", "resolvectl dns | sed -n 's/^Global: //p'").split() == servers
    assert lab.shell("member-c", "resolvectl domain | sed -n 's/^Global: //p'") == "example.com ~."
    assert lab.shell("member-c", "readlink /etc/resolv.conf") == link
    assert lab.shell("member-c", "getent ahostsv4 vault-b | head -1").split()[0] == ADDRESSES["member-b"]
    run = play(hosts=hosts)
    assert run.rc == 0 and run.changed() == []


def test_a_cluster_is_created_on_the_prepared_hosts(hosts):
    lab.shell("member-b", "systemctl stop odd-ssh")
    # No time server answers here, so that the check of the clocks fails, as it must.
    refused = lab.play(*lab.YES)
    assert refused.rc != 0 and "- clock.ntp (member-a, member-b, member-c)\n" in refused.output
    lab.create("-e", '{"senhasegura_checks_as_warnings": ["clock.ntp"]}')
    lab.assert_one_component()


def test_a_member_that_is_missing_from_the_inventory_is_not_cut_off(tmp_path):
    before = trees_but_for_the_lock()
    hosts = lab.write_inventory(tmp_path / "hosts.yml", ["member-a", "member-b"], {"senhasegura_prepare_firewall": True})
    run = play("--limit", "member-a", hosts=hosts)
    lab.assert_refused(run, "Action failed: member-a: the firewall lets in exactly the declared members and the arbitrator, and would shut out who is "
                            "at work in the cluster; nothing was changed on it. member-a: its database is in a cluster with %s, which is not "
                            "declared; put it into the inventory (a member that shall go is then removed by remove_member)" % ADDRESSES["member-c"])
    assert run.changed() == [] and trees_but_for_the_lock() == before


def test_the_rules_are_there_after_a_reboot_and_the_member_comes_back():
    wanted = table("member-a")
    faults.power_off("member-a")
    faults.power_on("member-a")
    lab.wait_for(lambda: answer(ADDRESSES["member-a"], 22) == "open")
    lab.wait_for(lambda: "Synced" in lab.shell("member-a", STATE, check=False))
    assert table("member-a") == wanted and answer(ADDRESSES["member-a"], 3306) == "filtered"
    lab.assert_one_component()


def test_the_firewall_is_gone_after_the_documented_undo():
    text = (lab.ROOT / "docs/operations.md").read_text(encoding="utf-8")
    lab.shell("member-c", "set -e\n" + re.search(r"The undo of the firewall .*:\n\n((?:    .*\n)+)", text)[1])
    assert table("member-c") == "none"
    lab.shell("member-c", "systemctl restart nftables; ! systemctl is-enabled senhasegura-cluster-firewall")
    assert table("member-c") == "none" and answer(ADDRESSES["member-c"], 3306) in ("open", "closed")
