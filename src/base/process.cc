#include <lodestone/base/process.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <unistd.h>
#include <vector>

namespace lodestone
{

namespace
{
std::string file_of(const pid_t process, const std::string &name)
{
  std::ifstream in("/proc/" + std::to_string(process) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The fields of /proc/PID/stat behind the name of the program, which may hold blanks: state, parent, ...
std::vector<std::string> status_of(const pid_t process)
{
  const std::string text = file_of(process, "stat");
  std::istringstream behind_name(text.substr(std::min(text.rfind(')') + 1, text.size())));
  return {std::istream_iterator<std::string>(behind_name), {}};
}
} // namespace

pid_t parent_of(const pid_t process)
{
  const auto status = status_of(process);
  return status.size() > 1 ? std::stoi(status[1]) : 0;
}

bool has_variable(const pid_t process, const std::string &name)
{
  const std::string variables = '\0' + file_of(process, "environ");
  return variables.find('\0' + name + '=') != std::string::npos;
}

std::optional<double> age_of(const pid_t process)
{
  constexpr std::size_t start_time = 19; // field 22 of proc(5), clock ticks since the machine was started
  const auto status = status_of(process);
  double now = 0;
  std::ifstream uptime("/proc/uptime");
  if (status.size() <= start_time || !(uptime >> now))
    return {};
  return now - std::stod(status[start_time]) / double(sysconf(_SC_CLK_TCK));
}

std::string output_of(const std::string &command, const unsigned int seconds)
{
  constexpr std::size_t most = 65536;
  FILE *const pipe = popen(("timeout " + std::to_string(seconds) + " " + command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr)
    return "";
  std::string text(most, '\0');
  text.resize(std::fread(text.data(), 1, most, pipe));
  return pclose(pipe) == 0 ? text : "";
}

} // namespace lodestone
