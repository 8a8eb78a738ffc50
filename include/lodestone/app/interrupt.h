#pragma once

namespace lodestone
{

/// From now on SIGINT (Ctrl-C), SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 and SIGXCPU ask the run to stop at the next safe point
/// (SafePoints); a second one ends it at once.
void catch_interrupts();

} // namespace lodestone
