#include <lodestone/io/atomic_file.h>
#include <lodestone/io/point_writer.h>
#include <lodestone/io/vtk_xml.h>

#include <numeric>

namespace lodestone
{

namespace
{

std::string to_xml(const std::vector<dealii::Point<3>> &points, const std::vector<PointArray> &arrays,
                   const std::vector<PointTexts> &texts)
{
  const std::size_t n = points.size();
  std::vector<double> coordinates;
  coordinates.reserve(3 * n);
  for (const auto &p : points)
    coordinates.insert(coordinates.end(), {p[0], p[1], p[2]});
  std::vector<std::int32_t> numbers(n), offsets(n);
  std::iota(numbers.begin(), numbers.end(), 0);
  std::iota(offsets.begin(), offsets.end(), 1);

  std::string xml = vtk_xml::open("PolyData") + "<Piece NumberOfPoints=\"" + std::to_string(n) + "\" NumberOfVerts=\"" +
                    std::to_string(n) + "\" NumberOfLines=\"0\" NumberOfStrips=\"0\" NumberOfPolys=\"0\">\n<Points>\n" +
                    vtk_xml::array("Points", 3, coordinates) + "</Points>\n<Verts>\n" +
                    vtk_xml::array("connectivity", 1, numbers) + vtk_xml::array("offsets", 1, offsets) +
                    "</Verts>\n<PointData>\n";
  for (const PointArray &array : arrays)
  {
    AssertDimension(array.values.size(), array.components * n);
    xml += vtk_xml::array(array.name, array.components, array.values);
  }
  for (const PointTexts &array : texts)
  {
    AssertDimension(array.values.size(), n);
    xml += vtk_xml::array(array.name, array.values);
  }
  return xml + "</PointData>\n</Piece>\n" + vtk_xml::close("PolyData");
}

} // namespace

void write_points(const std::string &file, const std::vector<dealii::Point<3>> &points,
                  const std::vector<PointArray> &arrays, MPI_Comm comm, const std::vector<PointTexts> &texts)
{
  const bool writes = dealii::Utilities::MPI::this_mpi_process(comm) == 0;
  write_atomically(file, writes ? to_xml(points, arrays, texts) : "", comm);
}

} // namespace lodestone
