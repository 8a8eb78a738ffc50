// stranger DECK: J, its slope along a direction, and the slope that the gradient predicts.
#include <lodestone/app/problem.h>

#include <cstdio>

using namespace lodestone;

int main(int argc, char **argv)
{
  dealii::Utilities::MPI::MPI_InitFinalize mpi(argc, argv, 1);
  const Deck deck(argv[1], {}, MPI_COMM_WORLD);
  std::string resolved;
  const auto parameters = RunParameters<3>::read(deck, resolved);
  Log log(MPI_COMM_WORLD, true);
  Problem<3> problem(parameters, deck.directory(), MPI_COMM_WORLD, log);
  ReducedObjective &objective = problem.objective();

  const ParameterVector m = problem.parametrization().make_vector();
  ParameterVector g = m, step = m;
  bool converged = objective.evaluate(m).converged && objective.gradient(g).converged;
  std::printf("J %.15g\n", objective.value());

  step.values().add(1e-4); // every cell a little stiffer
  std::printf("predicted %.15g\n", g.values() * step.values());
  converged = objective.evaluate(step).converged && converged;
  const double forwards = objective.value();
  step.values() *= -1;
  converged = objective.evaluate(step).converged && converged;
  std::printf("measured %.15g\n", (forwards - objective.value()) / 2);
  return converged ? 0 : 1;
}
