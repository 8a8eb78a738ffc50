"""The Python that has the packages of the pictures. Needs nothing but Python."""
import os
import sys

SYSTEM = "/usr/bin/python3"  # Debian's packages belong to Debian's Python, which need not be the first one on the path


def go_on_where_packages_are(missing):
    """Runs the script once more in Debian's Python. If that is this one, or lacks a package too, the script ends in a sentence."""
    name = os.path.basename(sys.argv[0])
    if os.path.exists(SYSTEM) and not os.environ.get("LODESTONE_PLOT_PYTHON"):
        os.execve(SYSTEM, [SYSTEM] + sys.argv, {**os.environ, "LODESTONE_PLOT_PYTHON": SYSTEM})
    sys.exit(f"{name}: {missing.name} is not installed for {sys.executable}: run scripts/install_dependencies.sh --with-plots, or "
             "pip install matplotlib h5py")
