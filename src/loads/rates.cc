#include <lodestone/base/error.h>
#include <lodestone/loads/rates.h>

namespace lodestone
{

void check_rate(const std::string &amount, const Quantity quantity, const std::optional<bool> rates,
                const std::string &where)
{
  const std::optional<bool> per_year = is_per_year(amount, quantity);
  if (!rates || !per_year || *rates == *per_year)
    return;
  if (*per_year)
    throw InputError(where, "'" + amount + "' is a rate, but the data of the load case are not",
                     "Leave /yr out, or set the Units of all data sets of the load case to m/yr, cm/yr or mm/yr.");
  throw InputError(where, "'" + amount + "' is not a rate, but the data of the load case are",
                   "Write /yr behind its unit, or set the Units of all data sets of the load case to m, cm or mm.");
}

void check_rate(const CsvTable &csv, const unsigned int column, const std::optional<bool> rates)
{
  if (!csv.units[column].empty())
    check_rate("1 " + csv.units[column], Quantity::number, rates, csv.file() + ": column " + csv.columns[column]);
}

} // namespace lodestone
