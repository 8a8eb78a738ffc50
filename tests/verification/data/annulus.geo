// Quarter of an annulus, inner radius 1 m, outer radius 2 m; n cells across, 2 n around.
//   gmsh -2 -format msh41 -setnumber n 4 annulus.geo -o annulus_4.msh      (and with n = 8: annulus_8.msh)
DefineConstant[ n = 4 ];
Point(1) = {0, 0, 0};
Point(2) = {1, 0, 0};
Point(3) = {2, 0, 0};
Point(4) = {0, 2, 0};
Point(5) = {0, 1, 0};
Line(1) = {2, 3};
Circle(2) = {3, 1, 4};
Line(3) = {4, 5};
Circle(4) = {5, 1, 2};
Curve Loop(1) = {1, 2, 3, 4};
Plane Surface(1) = {1};
Transfinite Curve{1, 3} = n + 1;
Transfinite Curve{2, 4} = 2 * n + 1;
Transfinite Surface{1};
Recombine Surface{1};
Physical Curve("below") = {1};
Physical Curve("outer") = {2};
Physical Curve("left") = {3};
Physical Curve("inner") = {4};
Physical Surface("wall") = {1};
