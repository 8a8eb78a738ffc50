#include <lodestone/prior/correlated_squares.h>

#include <cmath>

namespace lodestone
{

void CorrelatedSquares::for_each(const Visit &visit) const
{
  squares_->for_each([&, first = Square(), joined = Square()](const Square &square) mutable {
    if (square.kind == Square::Kind::global || square.field == 0)
    {
      if (square.kind != Square::Kind::global)
        first = square;
      visit(square);
      return;
    }
    joined = square;
    const double factor = -rho_ * std::sqrt(first.weight / square.weight);
    for (const Square::Term &term : first.terms)
      joined.add(term.unknown, factor * term.coefficient);
    joined.weight /= 1 - rho_ * rho_;
    visit(joined);
  });
}

} // namespace lodestone
