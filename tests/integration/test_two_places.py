# needs: engine
"""Two workspaces side by side, and one workspace by two paths: nobody's things are taken for another's."""
import pathlib
import shutil
import subprocess
import tempfile

from support.workspace import Workspace, free_port, run_tests

REDIS = {"NetScript": {"Name": "twin", "Cache": {"redis": {"Engine": "Redis"}}}}


def facts(w):
    container, = w.containers()
    data, = container["Mounts"]
    return {"id": container["Id"], "name": container["Names"][0], "data": data["Source"],
            "port": container["Ports"][0]["PublicPort"], "label": container["Labels"]["dev.berth.workspace"],
            "path": container["Labels"]["dev.berth.workspace.path"]}


def test_two_working_trees_of_one_repository():
    with Workspace(settings=REDIS) as main, Workspace() as linked:
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(main.root)]
        subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
        subprocess.run([*git, "add", "appsettings.json"], check=True)
        subprocess.run([*git, "commit", "-qm", "m"], check=True)
        shutil.rmtree(linked.root)
        subprocess.run([*git, "worktree", "add", "-q", "-b", "fix", str(linked.root)], check=True)
        main.start()
        linked.start()
        one, other = facts(main), facts(linked)
        assert all(one[key] != other[key] for key in one), (one, other)
        assert (one["path"], other["path"]) == (str(main.root.resolve()), str(linked.root.resolve()))
        main.stop()
        assert main.containers() == [] and facts(linked)["id"] == other["id"]
        assert linked.resources()["redis"]["health"] == "Healthy"
        linked.kill()
        # Only its own owner's leftovers are cleared away or taken over.
        main.start()
        assert facts(linked)["id"] == other["id"] and facts(main)["port"] == one["port"]
        main.stop()
        linked.start()
        assert facts(linked)["id"] == other["id"]
        linked.stop()
        assert linked.containers() == [] and linked.marked_processes() == []


def refused(w, path_options, other):
    run = w.run("start", "--no-dashboard", *path_options, check=0)
    assert "berth runs here already" in run.stderr and other.process.poll() is None, run.stderr


def test_a_symbolic_link_leads_to_the_same_workspace():
    with Workspace(settings=REDIS) as w, tempfile.TemporaryDirectory() as elsewhere:
        link = pathlib.Path(elsewhere) / "link"
        link.symlink_to(w.root)
        there = ["--project-root", str(link)]
        w.start()
        refused(w, there, w)
        assert w.json("ps", *there)["resources"][0]["containerId"] == facts(w)["id"]
        w.run("stop", *there, check=0)
        w.wait()
        assert w.containers() == []


def test_a_bind_mount_shares_the_lock_and_keeps_off_the_data():
    redis = {"Engine": "Redis", "DataPath": ".data/redis", "Persistent": True}
    with Workspace(settings={"NetScript": {"Name": "twin", "Cache": {"redis": redis}}}) as w, Workspace() as mounted:
        subprocess.run(["mount", "--bind", str(w.root), str(mounted.root)], check=True)
        try:
            w.start()
            refused(mounted, [], w)
            assert mounted.json("ps")["resources"][0]["containerId"] == facts(w)["id"]
            # What stays up there keeps its port; and with another port, its data.
            w.stop()
            name = facts(w)["name"].lstrip("/")
            run = mounted.run("start", "--no-dashboard", check=5)
            assert f"is taken by the container {name}; nothing there was touched" in run.stderr, run.stderr
            run = mounted.run("start", "--no-dashboard", check=5, env={"NetScript__Cache__redis__Port": str(free_port())})
            assert f"its data in {mounted.root}/.data/redis is in use by the container {name}" in run.stderr, run.stderr
        finally:
            mounted.remove_containers()
            subprocess.run(["umount", str(mounted.root)], check=True)
        w.start()
        w.stop("--all")


run_tests(globals())
