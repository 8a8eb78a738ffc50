#include <lodestone/app/command_line.h>
#include <lodestone/app/petsc_options.h>
#include <lodestone/base/blas.h>
#include <lodestone/base/deck.h>
#include <lodestone/base/error.h>
#include <lodestone/solver/simd_width.h>
#include <lodestone/version.h>

#include <deal.II/base/config.h>

#include <hdf5.h>
#include <petscversion.h>
#include <proj.h>

namespace lodestone
{

namespace
{
unsigned int read_count(const std::string &text)
{
  const bool is_whole = !text.empty() && text.size() < 7 && text.find_first_not_of("0123456789") == std::string::npos;
  if (!is_whole || std::stoul(text) == 0)
    throw InputError("command line", "--samples " + text + " is no number of samples",
                     "Give a whole number from 1 to 999999.");
  return std::stoul(text);
}
} // namespace

CommandLine CommandLine::parse(const std::vector<std::string> &arguments)
{
  CommandLine line;
  const std::vector<std::string> commands = {"forward", "invert", "verify", "sample", "template", "info"};
  for (std::size_t i = 0; i < arguments.size(); ++i)
  {
    const std::string &a = arguments[i];
    if (a == "--")
    {
      line.petsc_options.assign(arguments.begin() + i + 1, arguments.end());
      check_petsc_options(line.petsc_options);
      break;
    }
    if (a == "--help" || a == "-h" || a == "--version")
    {
      line.command = a == "-h" ? "--help" : a;
      return line;
    }
    if (a == "--quiet")
      line.quiet = true;
    else if (a == "--dry-run")
      line.dry_run = true;
    else if (a == "--set")
    {
      if (i + 1 == arguments.size())
        throw InputError("command line", "--set has nothing after it", "Write --set \"section/entry=value\".");
      line.set_options.push_back(arguments[++i]);
    }
    else if (a == "--samples" || a.rfind("--samples=", 0) == 0)
    {
      if (a == "--samples" && i + 1 == arguments.size())
        throw InputError("command line", "--samples has nothing after it", "Write --samples 5.");
      line.n_samples = read_count(a == "--samples" ? arguments[++i] : a.substr(10));
    }
    else if (a.rfind("--set=", 0) == 0)
      line.set_options.push_back(a.substr(6));
    else if (a.rfind('-', 0) == 0)
      throw InputError("command line", "unknown option '" + a + "'",
                       "See lodestone --help; PETSc options go after a '--'.");
    else if (line.command.empty())
    {
      line.command = a;
      if (std::find(commands.begin(), commands.end(), a) == commands.end())
      {
        const std::string near = nearest_name(a, commands);
        throw InputError("command line", "unknown command '" + a + "'",
                         (near.empty() ? "" : "Did you mean '" + near + "'? ") +
                             std::string("Commands: forward, invert, verify, sample, template, info."));
      }
    }
    else if (line.file.empty())
      line.file = a;
    else
      throw InputError("command line", "'" + a + "' is one argument too many", "Give one parameter file.");
  }
  if (line.dry_run && line.command != "invert")
    throw InputError("command line", "--dry-run goes with the command invert alone",
                     "Write lodestone invert FILE.prm --dry-run.");
  if (line.command.empty())
    line.command = "--help";
  else if (line.file.empty() && line.command != "template")
    throw InputError("command line", line.command == "info" ? "no file was given" : "no parameter file was given",
                     "Write lodestone " + line.command + (line.command == "info" ? " FILE.h5" : " FILE.prm"));
  return line;
}

std::string help_text()
{
  return "Lodestone recovers the stiffness of the subsurface from how the ground surface moves.\n\n"
         "  lodestone forward  FILE   predict displacement and data\n"
         "  lodestone invert   FILE   recover stiffness (and load strengths) from data\n"
         "  lodestone verify   FILE   check every derivative on your own problem\n"
         "  lodestone sample   FILE   draw models from the prior (--samples 5), before any data are read\n"
         "  lodestone template [2|3]  print a parameter file with every entry explained\n"
         "  lodestone info     FILE   say what a checkpoint or results.h5 holds, and whether it is sound\n\n"
         "FILE is a parameter file (.prm or .json). Under MPI: mpirun -n 4 lodestone invert FILE\n\n"
         "  --set \"section/entry=value\"   overrides an entry of the file (repeatable)\n"
         "  --dry-run                     invert: memory, time and disk that the run would take; writes nothing\n"
         "  --quiet                       no output but warnings; log.txt is complete\n"
         "  --version                     versions of the program and its libraries\n"
         "  -- OPTIONS                    everything after goes to PETSc, e.g. -- -tao_type bqnkls -log_view\n\n"
         "Exit codes: 0 done, 1 wrong input, 2 solver failure, 3 stopped early and running on helps, 4 ended without "
         "reaching\n"
         "the tolerance, and running on does not help.\n";
}

namespace
{
/// Bits of a vector register in matrix-free operators: what was chosen, and what deal.II itself was built for.
std::string simd_line()
{
  const std::string bits = std::to_string(LODESTONE_SIMD_BITS), doubles = std::to_string(LODESTONE_SIMD_BITS / 64);
  return "SIMD " + (LODESTONE_SIMD_BITS == 0 ? "none (one double at a time" : bits + " bits (" + doubles + " doubles") +
         "; deal.II built for " + std::to_string(DEAL_II_VECTORIZATION_WIDTH_IN_BITS) + ")\n";
}

/// The BLAS with its kernels, and a second line where others would be faster.
std::string blas_lines()
{
  const Blas blas = loaded_blas();
  const std::string advice = blas_advice(blas, vector_instructions_of_this_processor());
  return "BLAS " + blas.name + (blas.kernel.empty() ? "" : " (" + blas.kernel + " kernels)") + "\n" +
         (advice.empty() ? "" : "note: " + advice + "\n");
}
} // namespace

std::string version_text()
{
  unsigned int major, minor, release;
  H5get_libversion(&major, &minor, &release);
  const auto dots = [](const unsigned int a, const unsigned int b, const unsigned int c) {
    return std::to_string(a) + "." + std::to_string(b) + "." + std::to_string(c);
  };
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(mpi, &length);
  std::string mpi_line(mpi);
  mpi_line = mpi_line.substr(0, mpi_line.find_first_of(",\n"));
  return std::string("Lodestone ") + LODESTONE_VERSION + " (" + LODESTONE_BUILD_TYPE + ")\n" + "deal.II " +
         DEAL_II_PACKAGE_VERSION + "\n" + simd_line() + "PETSc " +
         dots(PETSC_VERSION_MAJOR, PETSC_VERSION_MINOR, PETSC_VERSION_SUBMINOR) + "\nMPI " + mpi_line + "\nHDF5 " +
         dots(major, minor, release) + "\nPROJ " + dots(PROJ_VERSION_MAJOR, PROJ_VERSION_MINOR, PROJ_VERSION_PATCH) +
         "\n" + blas_lines();
}

} // namespace lodestone
