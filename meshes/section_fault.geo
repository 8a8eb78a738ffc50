// A vertical section through sediments over bedrock that is cut by a normal fault dipping 60 degrees to the right, in quadrilaterals.
// Metres. gmsh's x is the horizontal, its y the vertical of a 2-D model: y = 0 is the free surface.
//
// The mesh lines follow the fault, so that slip can be put on it and the zones on its two sides can differ:
//   sediments (0 to 1 km), hanging wall and footwall (1 to 15 km).
//
// The mesh beside this file was made with gmsh 4.8.4:
//   gmsh -2 section_fault.geo -format msh41 -o section_fault.msh

half_width = 30000;
depth[] = {15000, 5000, 1000, 0};
n_left = 24;
n_right = 24;
n_layer[] = {8, 8, 3};
grow = 1.12;  // each cell over the one nearer to the fault

For l In {0:3}
  x = depth[l] / Tan(60 * Pi / 180);
  Point(10 * l + 1) = {-half_width, -depth[l], 0};
  Point(10 * l + 2) = {x, -depth[l], 0};
  Point(10 * l + 3) = {half_width, -depth[l], 0};
  Line(10 * l + 1) = {10 * l + 2, 10 * l + 1};
  Line(10 * l + 2) = {10 * l + 2, 10 * l + 3};
  Transfinite Curve {10 * l + 1} = n_left + 1 Using Progression grow;
  Transfinite Curve {10 * l + 2} = n_right + 1 Using Progression grow;
EndFor
For l In {0:2}
  For i In {1:3}
    Line(100 + 10 * l + i) = {10 * l + i, 10 * l + 10 + i};
    If (l == 0)
      Transfinite Curve {100 + 10 * l + i} = n_layer[l] + 1 Using Progression 1 / grow;
    Else
      Transfinite Curve {100 + 10 * l + i} = n_layer[l] + 1;
    EndIf
  EndFor
  Curve Loop(10 * l + 1) = {-(10 * l + 1), 100 + 10 * l + 2, 10 * l + 11, -(100 + 10 * l + 1)};
  Curve Loop(10 * l + 2) = {10 * l + 2, 100 + 10 * l + 3, -(10 * l + 12), -(100 + 10 * l + 2)};
  Plane Surface(10 * l + 1) = {10 * l + 1};
  Plane Surface(10 * l + 2) = {10 * l + 2};
EndFor
Transfinite Surface "*";
Recombine Surface "*";

Physical Surface("footwall", 1) = {1, 11};
Physical Surface("hanging wall", 2) = {2, 12};
Physical Surface("sediments", 3) = {21, 22};
Physical Curve("bottom", 11) = {1, 2};
Physical Curve("top", 12) = {31, 32};
Physical Curve("west", 13) = {101, 111, 121};
Physical Curve("east", 14) = {103, 113, 123};
