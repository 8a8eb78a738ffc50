#include <lodestone/app/commands.h>
#include <lodestone/app/failure.h>
#include <lodestone/app/interrupt.h>

#include <deal.II/base/mpi.h>

#include <hdf5.h>

#include <cstdlib>
#include <iostream>
#include <vector>

int main(int argc, char **argv)
{
  using namespace lodestone;
  CommandLine command_line;
  std::string wrong;
  try
  {
    command_line = CommandLine::parse({argv + 1, argv + argc});
  }
  catch (const InputError &error)
  {
    wrong = error.what();
  }

  H5dont_atexit(); // a file that could not be completed stays open, and its end would come after that of MPI
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); // errors are said in the words of users
  catch_interrupts();
  // PETSc sees its own options only.
  std::vector<char *> petsc_arguments = {argv[0]};
  for (auto &option : command_line.petsc_options)
    petsc_arguments.push_back(option.data());
  int petsc_argc = petsc_arguments.size();
  petsc_arguments.push_back(nullptr);
  char **petsc_argv = petsc_arguments.data();
  dealii::Utilities::MPI::MPI_InitFinalize mpi(petsc_argc, petsc_argv, 1);
  catch_interrupts(); // PETSc has handlers of its own while it starts
  prepare_ends();

  if (!wrong.empty())
  {
    if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
      std::cerr << "lodestone: wrong input\n  " << wrong << std::endl;
    return int(ExitCode::wrong_input);
  }
  try
  {
    return int(run(command_line, MPI_COMM_WORLD));
  }
  catch (const std::exception &error)
  {
    return int(end_after(error));
  }
}
