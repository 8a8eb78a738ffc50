// A block of 2 x 1 x 1 m in unstructured hexahedra: every tetrahedron cut in four. For the tests of the reader.
//   gmsh -3 unstructured_hexahedra.geo -format msh41 -o unstructured_hexahedra.msh
SetFactory("OpenCASCADE");
Box(1) = {0, 0, -1, 2, 1, 1};
Physical Volume("rock", 7) = {1};
Physical Surface("west", 1) = {1};
Physical Surface("east", 2) = {2};
Physical Surface("south", 3) = {3};
Physical Surface("north", 4) = {4};
Physical Surface("bottom", 5) = {5};
Physical Surface("top", 6) = {6};
Mesh.MeshSizeMax = 1.2;
Mesh.MeshSizeMin = 1.2;
Mesh.SubdivisionAlgorithm = 2;
