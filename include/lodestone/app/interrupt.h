#pragma once

namespace lodestone
{

/// Ctrl-C and SIGTERM ask the run to stop at the next safe point; a second one ends it at once.
void catch_interrupts();
/// True on this rank once a signal has come.
bool interrupted();

} // namespace lodestone
