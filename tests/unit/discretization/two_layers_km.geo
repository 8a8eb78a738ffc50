// Two layers of 2 x 2 x 1 km in 2 x 2 x 1 hexahedra each, in kilometres, with a named surface between them. For the tests of the reader.
// The four meshes beside this file were made with gmsh 4.8.4: gmsh -3 two_layers_km.geo -o NAME -format FORMAT, where FORMAT is msh22 or msh41,
// with -bin for the binary ones.
Point(1) = {0, 0, 0};
line[] = Extrude {2, 0, 0} { Point{1}; Layers{2}; };
top[] = Extrude {0, 2, 0} { Curve{line[1]}; Layers{2}; Recombine; };
upper[] = Extrude {0, 0, -1} { Surface{top[1]}; Layers{1}; Recombine; };
lower[] = Extrude {0, 0, -1} { Surface{upper[0]}; Layers{1}; Recombine; };
Physical Volume("upper", 3) = {upper[1]};
Physical Volume("lower", 4) = {lower[1]};
Physical Surface("top", 1) = {top[1]};
Physical Surface("bottom", 2) = {lower[0]};
Physical Surface("interface", 5) = {upper[0]};
