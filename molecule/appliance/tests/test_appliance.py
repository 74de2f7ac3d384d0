"""The main story on appliances: the same playbook drives orbit, and only through its documented commands."""

from __future__ import annotations

import json
import re

import lab
import pytest

MEMBERS = ["member-a", "member-b", "member-c"]
OVERWRITE = ("-e", "senhasegura_overwrite_members=member-b,member-c")
DONE = ("-e", "senhasegura_manual_steps_done=sync.enabled")
REFUSED = "[ERROR]: Task failed: The plan is refused; nothing was changed.\n- "


def changes(name):
    """The changing calls of orbit on a member, from the stand-in's journal."""
    return [line[len("change "):] for line in lab.shell(name, "cat /var/log/orbit-standin.log").splitlines()
            if line.startswith("change ")]


def state():
    """All that must not change: orbit's changing calls, files, processes."""
    return {name: (changes(name), lab.tree(name), lab.processes([name])) for name in MEMBERS}


def told(name, field):
    """A field of orbit application status."""
    return lab.shell(name, "orbit application status | sed -n 's/^%s: *//p'" % field)


def switches(name, **values):
    """Switch the stand-in's answers."""
    lab.shell(name, "echo '%s' > /etc/orbit-standin.json" % json.dumps(values))


@pytest.fixture(scope="module", name="created")
def _created():
    before = state()
    refused = lab.play(*lab.YES, *DONE)
    stopped = lab.play(*lab.YES, *OVERWRITE)
    checked = lab.play(*OVERWRITE, *DONE, "--check", "--diff")
    untouched = state() == before
    return {"refused": refused, "stopped": stopped, "checked": checked, "untouched": untouched,
            "run": lab.create(*OVERWRITE, *DONE)}


def test_data_of_a_joiner_are_never_replaced_unasked(created):
    lab.assert_refused(created["refused"], lab.REFUSED, [re.compile(
        name + r": it holds data of its own \(mt4: 1 tables, about [01] rows, senhasegura: 0 tables, about 0 rows\), which joining would replace; "
        r"name it in senhasegura_overwrite_members to have them backed up and replaced, or take it out of the inventory") for name in MEMBERS[1:]])


def test_what_only_a_person_can_do_stops_the_run_before_yes(created):
    assert created["stopped"].rc != 0
    assert ("[ERROR]: Task failed: Nothing was changed: the plan has steps that only a person can do.\n- member-a, member-b, "
            "member-c: Orbit Config Manager > Replication > Settings > File Synchronizers: on, then Save. Then name sync.enabled in "
            "senhasegura_manual_steps_done.\nOrigin") in created["stopped"].output


def test_refusals_and_check_mode_run_no_changing_command(created):
    assert created["checked"].rc == 0 and created["untouched"]


def test_check_mode_tells_exactly_what_the_real_run_does(created):
    def plan(run):
        return [line for line in run.output.splitlines() if line.startswith(("1  ", "2  ", "3  "))]
    assert len(plan(created["run"])) == 3 and plan(created["checked"]) == plan(created["run"])


def test_every_member_is_in_one_component(created):
    assert "One component, proven on every member: 3 voters" in created["run"].output
    lab.assert_one_component()


def test_orbit_was_used_in_the_documented_order(created):
    a, b, c = lab.addresses().values()
    config = "cluster config --nodes=%s,%s,%s --ip=" % (a, b, c)
    assert changes("member-a") == ["wazuh whitelist add --ips=%s,%s" % (b, c), "application start --force", config + a + " --segment=0",
                                   config + a + " --latency=low --segment=0", "cluster start", "application primary --force"] or \
        changes("member-a") == ["wazuh whitelist add --ips=%s,%s" % (b, c), config + a + " --segment=0",
                                config + a + " --latency=low --segment=0", "application start --force", "cluster start",
                                "application primary --force"]
    assert changes("member-b") == ["wazuh whitelist add --ips=%s,%s" % (a, c), "backup create", config + b + " --segment=0",
                                   config + b + " --latency=low --segment=0", "cluster start"]


def test_the_application_runs_on_the_primary_alone(created):
    assert [told(name, "Application") for name in MEMBERS] == ["Active", "Inactive", "Inactive"]
    assert [told(name, "Main") for name in MEMBERS] == ["Yes", "No", "No"]


def test_everybody_has_the_primary_s_data_and_the_replaced_are_kept(created):
    for name in MEMBERS:
        lab.sql(name, "SET SESSION wsrep_sync_wait=15; INSERT INTO mt4.device VALUES ('from-%s')" % name)
    for name in MEMBERS:
        rows = lab.sql(name, "SET SESSION wsrep_sync_wait=15; SELECT name FROM mt4.device ORDER BY name").split()
        assert rows == ["from-member-a", "from-member-b", "from-member-c", "member-a"]
    for name in MEMBERS[1:]:
        path = created["run"].output.split("%s: its data are kept in " % name)[1].split('"')[0]
        dump = lab.shell(name, "cat " + path)
        assert "INSERT INTO `device` VALUES\n('%s')" % name in dump and dump.splitlines()[-1].startswith("-- Dump completed on ")


def test_the_second_run_changes_nothing_whatever_form_orbit_answers_in(created):
    before = state()
    for form in ("new", "old"):
        for name in MEMBERS:
            switches(name, form=form, primary="primary" if form == "new" else "master")
        run = lab.create(*DONE)
        assert run.changed() == [] and "Nothing to do: all 3 members are as declared." in run.output
    after = state()
    for name in MEMBERS:
        assert after[name][0] == before[name][0] and after[name][2] == before[name][2]


def test_the_older_word_and_form_move_the_primary_without_a_restart(created):
    before = lab.processes()
    run = lab.create(*DONE, "-e", "senhasegura_primary=member-b")
    assert lab.processes() == before
    assert run.output.index("1  member-b") < run.output.index("2  member-a")
    assert [told(name, "Instance") for name in MEMBERS] == ["Secondary", "Primary", "Secondary"]
    assert changes("member-b")[-2:] == ["application start --force", "application primary --force"]
    assert lab.create(*DONE, "-e", "senhasegura_primary=member-b").changed() == []


def test_with_app_primary_failover_on_the_primary_is_not_chosen_by_hand(created):
    for name in MEMBERS:
        lab.shell(name, "printf '[Service]\\nExecStart=/bin/sleep infinity\\n' > /etc/systemd/system/app-primary-failover.service; "
                        "systemctl daemon-reload; systemctl start app-primary-failover")
    before = [changes(name) for name in MEMBERS]
    run = lab.play(*lab.YES, *DONE)
    assert run.rc != 0
    reason = ("primary.primary cannot be changed: App Primary Failover is on (app-primary-failover.service), so the appliances choose "
              "the primary; choosing it by hand is not possible")
    assert REFUSED + "\n- ".join("%s: %s" % (name, reason) for name in MEMBERS) + "\nOrigin" in run.output
    assert [changes(name) for name in MEMBERS] == before
    for name in MEMBERS:
        lab.shell(name, "systemctl stop app-primary-failover")


def test_a_galera_cnf_edited_by_hand_is_not_overwritten(created):
    lab.shell("member-c", "sed -i 's/gmcast.segment=0/gmcast.segment=3/' /etc/mysql/conf.d/galera.cnf")
    before = [changes(name) for name in MEMBERS]
    run = lab.play(*lab.YES, *DONE, "-e", "senhasegura_primary=member-b")
    assert run.rc != 0
    assert (REFUSED + "member-c: network.segment cannot be changed: /etc/mysql/conf.d/galera.cnf was changed by something else than "
            "this collection (wsrep_provider_options), and orbit cluster config writes it anew; put the lines back, or take "
            "/etc/senhasegura-cluster/orbit.json away to have it written\nOrigin") in run.output
    assert [changes(name) for name in MEMBERS] == before
    lab.shell("member-c", "sed -i 's/gmcast.segment=3/gmcast.segment=0/' /etc/mysql/conf.d/galera.cnf")


def test_an_interrupted_run_ends_the_same(created):
    lab.rebuild("member-c", noticed_by=MEMBERS[:2])
    lab.play_until("9/10 Apply", *DONE, *OVERWRITE, "-e", "senhasegura_primary=member-b",
                   once=lambda: "orbit cluster start" in lab.shell("member-c", "ps -eo args"))
    # What the killed run has begun on the member goes on. While its database is just being started, or is coming into the cluster, a run
    # refuses, and says when to run again.

    def run_when_that_has_ended():
        run = lab.play(*lab.YES, *DONE, *OVERWRITE, "-e", "senhasegura_primary=member-b")
        return None if run.rc != 0 and re.search(r"[Rr]un again when ", run.output) else run
    run = lab.wait_for(run_when_that_has_ended, 180)
    assert run.rc == 0, run.output
    assert "One component, proven on every member: 3 voters" in run.output
    assert lab.create(*DONE, "-e", "senhasegura_primary=member-b").changed() == []
    lab.assert_one_component()


def test_a_rebuilt_first_member_joins_and_never_makes_a_cluster_of_its_own(created):
    uuid = lab.status("member-b", "wsrep_cluster_state_uuid")
    lab.rebuild("member-a", noticed_by=MEMBERS[1:])
    lab.create(*DONE, "-e", "senhasegura_primary=member-b", "-e", "senhasegura_overwrite_members=member-a")
    assert lab.status("member-a", "wsrep_cluster_state_uuid") == uuid
    lab.assert_one_component()


def test_without_root_or_python_it_says_what_to_do(created, tmp_path):
    unknown = "; whether it is in a primary component is unknown, so nothing was changed. Every declared member must be observed"
    hosts = lab.write_inventory(tmp_path / "hosts.yml", per_host={"member-b": {"ansible_become": False}, "member-c": {
        "ansible_python_interpreter": "/usr/bin/python9"}})
    run = lab.play(*lab.YES, *DONE, hosts=hosts)
    assert run.rc != 0
    assert (REFUSED + "member-b: it did not answer: orbit must be run as root. It said: This program must be run with root "
            "permissions!. Set ansible_become to true for the appliances (mt4adm may use sudo)" + unknown
            + "\n- member-c: it did not answer: The module interpreter '/usr/bin/python9' was not found; there is no Python there: "
            "install python3, or name where it is in ansible_python_interpreter" + unknown + "\nOrigin") in run.output


def check(folder, *arguments):
    """Findings of check_cluster on the living cluster: (id, member) to (status, seen)."""
    run = lab.play("-e", "senhasegura_primary=member-b", "-e", "senhasegura_report_dir=%s" % folder, *DONE, *arguments,
                   playbook="senhasegura.cluster.check_cluster")
    report = json.loads((folder / "check-report.json").read_text(encoding="utf-8"))
    return run, {(one["id"], finding["member"]): (finding["status"], finding["seen"]) for one in report["checks"]
                 for finding in one["findings"]}


BACKUP = ("-e", "senhasegura_backup_max_age=24")


class TestChecks:
    """What check_cluster asks of appliances alone."""

    def test_in_order(self, created, tmp_path):
        backup = lab.module("member-c", "cluster_backup", {"set_aside": False})["backup"]
        lab.shell("member-c", "orbit wazuh whitelist add --ips=192.0.2.9 <<< y")
        before = state()
        _run, found = check(tmp_path, *BACKUP)
        assert state() == before
        lab.shell("member-c", "orbit wazuh whitelist delete --ips=192.0.2.9 <<< y")
        assert found["backup.recent", "member-c"][0] == "ok" and found["backup.recent", "member-c"][1].startswith(backup["path"] + " (")
        assert {found["port.appliance", name] for name in MEMBERS} == {
            ("ok", "open 22, reachable 3306, reachable 4248, reachable 443, open 59022, reachable 80, reachable 9300")}
        assert {found["link.net_check", name] for name in MEMBERS} == {("ok", "orbit cluster net-check reports no error")}
        assert [found["port.admitted", name] for name in MEMBERS] == [("ok", "its allow list names every other one" + more) for more in (
            "", "", "; it also names 192.0.2.9, neither a member nor the arbitrator")]
        assert {found["account.default", name] for name in MEMBERS} == {("ok", "mt4adm cannot log in with a password")}

    def test_its_backup_is_gone(self, created, tmp_path):
        lab.shell("member-c", "rm /var/backups/orbit-*.sql")
        run, found = check(tmp_path, *BACKUP)
        assert run.rc != 0 and {key for key, one in found.items() if one[0] == "fail"} == {("backup.recent", "member-c")}
        assert ("\nFAIL backup.recent on member-c\n  seen: there is no whole backup of it\n  expected: a backup not older than 24 h\n  fix: "
                "ansible member-c -i %s -m senhasegura.cluster.cluster_backup, or run create_cluster with senhasegura_backup_before: true\n"
                % lab.INVENTORY) in run.output

    @pytest.mark.parametrize("password, status, seen", [
        ("passwd --delete mt4adm", "fail", "mt4adm needs no password"),
        ("echo mt4adm:secret | chpasswd", "unknown", "mt4adm has a password, set on {today}; whether it is the one of the delivery "
                                                     "cannot be known without trying it")])
    def test_the_account_of_the_delivery(self, created, tmp_path, password, status, seen):
        lab.shell("member-c", password)
        try:
            run, found = check(tmp_path)
            today = lab.shell("member-c", "passwd --status mt4adm | cut -d' ' -f3")
        finally:
            lab.shell("member-c", "usermod --password '!' mt4adm")
        assert found["account.default", "member-c"] == (status, seen.replace("{today}", today))
        assert "secret" not in run.output
        if status == "unknown":
            assert ("\nUNKNOWN account.default on member-c\n  seen: %s\n  fix: try the documented default passwords yourself; where one lets you "
                    "in: passwd mt4adm, and in the web interface the password of the user with whom it was installed\n"
                    % found["account.default", "member-c"][1]) in run.output
        else:
            assert ("\nFAIL account.default on member-c\n  seen: mt4adm needs no password\n  expected: a password of your own\n  fix: "
                    "passwd mt4adm\n") in run.output

    def test_another_release_is_what_create_refuses(self, created, tmp_path):
        switches("member-b", version="3.32.1")
        try:
            run, found = check(tmp_path)
            refused = lab.play(*lab.YES, *DONE, "-e", "senhasegura_primary=member-a")
        finally:
            lab.shell("member-b", "rm /etc/orbit-standin.json")
        assert run.rc != 0 and refused.rc != 0
        assert {key for key, one in found.items() if one[0] == "fail"} == {("version.same", "member-b")}
        assert ("\nFAIL version.same on member-b\n  seen: senhasegura-pam 3.32.1 (member-a: 3.33.10, member-c: 3.33.10)\n  expected: the same "
                "version of senhasegura-pam on every member\n  fix: bring all appliances to the same release (orbit version tells which; orbit "
                "upgrade --help): senhasegura-pam=3.33.10\n") in run.output
        assert "the members have different versions of senhasegura-pam (3.32.1: member-b; 3.33.10: member-a, member-c)" in refused.output

    def test_an_address_that_is_not_on_the_allow_list(self, created, tmp_path):
        a = lab.addresses()["member-a"]
        lab.shell("member-c", "orbit wazuh whitelist delete --ips=%s <<< y" % a)
        try:
            run, found = check(tmp_path)
        finally:
            lab.shell("member-c", "orbit wazuh whitelist add --ips=%s <<< y" % a)
        assert {key for key, one in found.items() if one[0] == "fail"} == {("port.admitted", "member-c")}
        assert ("\nFAIL port.admitted on member-c\n  seen: its allow list lacks %s\n  expected: every other member, and the arbitrator, on its "
                "allow list\n  fix: orbit wazuh whitelist add --ips=%s\n" % (a, a)) in run.output

    def test_the_appliance_s_own_test_of_the_network(self, created, tmp_path):
        switches("member-b", net_check="error")
        try:
            run, found = check(tmp_path)
        finally:
            lab.shell("member-b", "rm /etc/orbit-standin.json")
        assert run.rc != 0
        assert {key for key, one in found.items() if one[0] == "fail"} == {("link.net_check", "member-b")}
        assert ("\nFAIL link.net_check on member-b\n  seen: orbit cluster net-check: %s Error: 9300 is not reachable\n  expected: no error\n"
                "  fix: sudo orbit cluster net-check on member-b\n" % " ".join("%s: OK" % one for one in lab.addresses().values())) in run.output

    def test_a_port_of_the_appliance_that_is_filtered(self, created, tmp_path):
        a = lab.addresses()["member-a"]
        lab.shell("member-c", "nft add table inet spoil; nft 'add chain inet spoil in { type filter hook input priority 0; }'; "
                              "nft add rule inet spoil in ip saddr %s tcp dport 9300 drop" % a)
        try:
            run, found = check(tmp_path)
        finally:
            lab.shell("member-c", "nft delete table inet spoil")
        assert {key for key, one in found.items() if one[0] == "fail"} == {("port.appliance", "member-c")}
        assert run.rc != 0
        assert ("\nFAIL port.appliance on member-c\n  seen: member-a (%s) gets no answer on TCP 9300 (logs)\n  expected: every member lets every "
                "other one in\n  fix: " % a) in run.output


def test_it_tells_load_balancers_itself(created):
    before = state()
    run = lab.play(*lab.YES, playbook="senhasegura.cluster.serve_health")
    assert run.rc != 0 and state() == before
    assert ("member-c: nothing was changed. It tells load balancers by itself how it is, with the codes that serve_health would tell "
            "(HTTPS, GET /flow/orbit/mntr), so a second service is refused. Point the load balancers at the member's own, and allow their "
            "addresses there (on an appliance: Settings > Recovery)") in " ".join(run.output.split())


def test_what_the_vendor_wants_configured_first(created):
    wanted = {"senhasegura_prepare_hostname": True, "senhasegura_prepare_dns": True, "senhasegura_prepare_ntp": True,
              "senhasegura_prepare_firewall": True, "senhasegura_dns_servers": ["192.0.2.53"],
              "senhasegura_dns_search": ["example.com"], "senhasegura_ntp_servers": ["ntp.example.com", "192.0.2.7"]}

    def play(*more):
        return lab.play("-e", json.dumps(wanted), *more, playbook="senhasegura.cluster.prepare_members")
    a, b, _c = lab.addresses().values()
    lab.shell("member-c", "orbit wazuh whitelist delete --ips=%s,%s <<< y; umount /etc/hostname; hostname senhasegura" % (a, b))
    before = state()
    checked = play("--check")
    assert checked.rc == 0 and state() == before, checked.output
    own = len(changes("member-c"))
    done = play()
    assert done.rc == 0 and done.changed() == checked.changed() == MEMBERS
    assert changes("member-c")[own:] == ["hostname member-c --force", "dns --servers=192.0.2.53 --search=example.com --force",
                                         "ntp --servers=ntp.example.com,192.0.2.7 --force", "wazuh whitelist add --ips=%s,%s" % (a, b)]
    assert lab.shell("member-c", "hostname; orbit wazuh whitelist status").split() == ["member-c", "Whitelist:", a, b]
    again = play()
    assert again.changed() == []
    refused = play("-e", '{"senhasegura_prepare_hosts": true}')
    assert refused.rc != 0
    assert ("member-a: this host is an appliance, which has no command for entries of /etc/hosts; nothing was changed on it. Set "
            "senhasegura_prepare_hosts to false for it, and name the members in the DNS") in " ".join(refused.output.split())
