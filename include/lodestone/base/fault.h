#pragma once

namespace lodestone
{

/// For tests: causes a fault where the environment asks for one, LODESTONE_FAULT = RANK;PLACE;KIND or RANK;PLACE;KIND;N,
/// the N-th time (counted from 1) that this rank of MPI_COMM_WORLD comes to the place. Kinds: throw, solver, input,
/// memory, petsc (a call of PETSc that fails), abort, access (to memory that is not there). It does nothing in builds
/// without tests.
void cause_fault(const char *place);

} // namespace lodestone
