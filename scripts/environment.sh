# shellcheck shell=bash
# Sourced by run.sh and test.sh: one thread per rank, the fastest kernels of OpenBLAS, and an MPI that also starts in containers, as root and on few cores.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
# Containers forbid the process_vm_readv that Open MPI would use between ranks, and it complains at every message.
export OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_btl_base_warn_component_unused=0
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

# OpenBLAS runs generic kernels on processors that are newer than itself, and factorisations then take twice as long: kernels that this
# processor can run are named instead. "Core: Prescott" is what OpenBLAS says of its choice.
if [ -z "${OPENBLAS_CORETYPE:-}" ]; then
  case "$(LD_PRELOAD=libopenblas.so.0 OPENBLAS_VERBOSE=2 /bin/true 2>&1)" in
    *"Core: Prescott"* | *"Core: Core2"* | *"Core: Nehalem"* | *"Core: Sandybridge"*)
      if grep -qw avx512vl /proc/cpuinfo && grep -qw avx512dq /proc/cpuinfo; then
        export OPENBLAS_CORETYPE=SkylakeX
      elif grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo; then
        export OPENBLAS_CORETYPE=Haswell
      fi
      ;;
  esac
fi

# nproc takes OMP_NUM_THREADS, one here, for the number of processors.
cores()
{
  env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc
}

# Compiling a file takes up to 2 GB, so memory limits the number of jobs as well as cores do.
build_jobs()
{
  local cores memory_gb jobs
  cores=$(cores)
  memory_gb=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
  jobs=$((memory_gb / 2 < cores ? memory_gb / 2 : cores))
  echo $((jobs < 1 ? 1 : jobs))
}
