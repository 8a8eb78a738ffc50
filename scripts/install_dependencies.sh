#!/usr/bin/env bash
# Installs what Lodestone needs on Debian 12 or newer, and nothing that is there already.
#
#   scripts/install_dependencies.sh                   compiler, libraries, test framework
#   scripts/install_dependencies.sh --with-checks     also clang-tidy, doxygen, Slurm, clang and lld, for scripts/test.sh --full
#   scripts/install_dependencies.sh --with-plots      also matplotlib and h5py, for scripts/plot.py and report.py
#   scripts/install_dependencies.sh --with-rendering  also ParaView (1 GB) and a virtual display, for scripts/render.py
set -euo pipefail

packages=(
  g++ cmake ninja-build pkg-config python3
  libdeal.ii-dev petsc-dev libopenblas0-pthread libopenmpi-dev openmpi-bin libhdf5-openmpi-dev
  libproj-dev proj-data nlohmann-json3-dev zlib1g-dev libgtest-dev clang-format
)
for argument in "$@"; do
  case "$argument" in
    --with-checks) packages+=(clang-tidy doxygen slurmctld slurmd slurm-client munge iproute2 clang libclang-rt-dev lld) ;;
    --with-plots) packages+=(python3-matplotlib python3-h5py) ;;
    --with-rendering) packages+=(paraview python3-paraview xvfb xauth) ;;
    -h | --help)
      sed -n '2,7s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    *)
      echo "install_dependencies.sh: unknown argument '$argument'; known: --with-checks --with-plots --with-rendering" >&2
      exit 1
      ;;
  esac
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "This is no Debian system: nothing installed. Needed are deal.II >= 9.4 (with MPI, p4est, PETSc, muParser), PETSc >= 3.18," >&2
  echo "MPI, parallel HDF5, PROJ, zlib, nlohmann-json, GoogleTest, CMake >= 3.25 and Ninja; CMake says what it does not find." >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "Missing: ${missing[*]}. There is no sudo here; as root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing ${missing[*]}"
"${as_root[@]}" apt-get -qq update </dev/null
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}" </dev/null
