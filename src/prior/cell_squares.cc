#include <lodestone/prior/cell_number.h>
#include <lodestone/prior/cell_squares.h>

#include <algorithm>

namespace lodestone
{

template <int dim>
void MassSquares<dim>::for_each(const Visit &visit) const
{
  const unsigned int n_fields = weights_.size();
  Square square;
  square.kind = Square::Kind::mass;
  square.terms.resize(1);
  for (const auto &cell : cells_.mesh().triangulation().active_cell_iterators())
  {
    if (!cell->is_locally_owned() || cells_.index(cell) == dealii::numbers::invalid_dof_index)
      continue;
    const double volume = cell->measure();
    const std::uint64_t number = cell_number<dim>(cell);
    for (unsigned int k = 0; k < n_fields; ++k)
    {
      square.field = k;
      square.weight = weights_[k] * volume;
      square.number = mixed(mixed(number, 0), k);
      square.terms[0] = {cells_.index(cell) * n_fields + k, 1};
      visit(square);
    }
  }
}

void GlobalSquares::for_each(const Visit &visit) const
{
  Square square;
  square.kind = Square::Kind::global;
  square.weight = 1;
  square.terms.resize(1);
  const dealii::types::global_dof_index first = layout_->n_cells * layout_->fields.size();
  const auto range = layout_->partitioner->local_range();
  for (dealii::types::global_dof_index i = std::max(first, range.first); i < range.second; ++i)
  {
    square.field = i - first;
    square.number = i - first;
    square.terms[0] = {i, 1};
    visit(square);
  }
}

template <int dim>
std::shared_ptr<const Squares> make_cell_squares(const ParameterCells<dim> &cells,
                                                 const std::shared_ptr<const ParameterLayout> &layout,
                                                 const std::vector<CellWeights> &weights, const CutFaces<dim> &cut)
{
  std::vector<double> of_mass;
  std::vector<typename FaceSquares<dim>::Weights> of_faces;
  for (const CellWeights &field : weights)
  {
    of_mass.push_back(field.mass);
    of_faces.push_back({field.horizontal, field.vertical});
  }
  std::vector<std::shared_ptr<const Squares>> lists = {std::make_shared<MassSquares<dim>>(cells, of_mass)};
  if (std::any_of(weights.begin(), weights.end(),
                  [](const CellWeights &field) { return field.horizontal > 0 || field.vertical > 0; }))
    lists.push_back(std::make_shared<FaceSquares<dim>>(cells, of_faces, cut));
  if (!layout->globals.empty())
    lists.push_back(std::make_shared<GlobalSquares>(layout));
  return std::make_shared<JoinedSquares>(std::move(lists));
}

template class MassSquares<2>;
template class MassSquares<3>;
template std::shared_ptr<const Squares> make_cell_squares<2>(const ParameterCells<2> &,
                                                             const std::shared_ptr<const ParameterLayout> &,
                                                             const std::vector<CellWeights> &, const CutFaces<2> &);
template std::shared_ptr<const Squares> make_cell_squares<3>(const ParameterCells<3> &,
                                                             const std::shared_ptr<const ParameterLayout> &,
                                                             const std::vector<CellWeights> &, const CutFaces<3> &);

} // namespace lodestone
