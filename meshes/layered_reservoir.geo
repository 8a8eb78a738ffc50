// A layered half-space with a lens-shaped reservoir, in hexahedra. Metres; x east, y north, z up; z = 0 is the free surface.
//
//   overburden        0 to 1 km deep, soft sediments
//   caprock           from there down to the reservoir, and beside its rim
//   reservoir         a lens of 3 km radius, 2.5 km deep at its centre, 500 m thick in the middle and 100 m at the rim
//   basement          below
//
// Seen from above: a square core in the lens, a ring around it up to the rim, and four blocks out to the sides of the box,
// each cut into layers. All blocks are transfinite, so the counts below set the whole mesh.
//
// The mesh beside this file was made with gmsh 4.8.4:
//   gmsh -3 layered_reservoir.geo -format msh22 -o layered_reservoir.msh

half_width = 10000;
bottom = -8000;
interface = -1000;      // overburden over caprock
lens_depth = 2500;
lens_radius = 3000;
thickness_middle = 500;
thickness_rim = 100;
core = 1000;            // half the side of the square core

n_core = 6;             // cells along a side of the core, and along a quarter of the rim
n_ring = 4;             // from the core to the rim
n_outside = 6;          // from the rim to the sides of the box
n_layer[] = {5, 3, 4, 3}; // upwards: basement, reservoir, caprock, overburden
grow_outside = 1.35;    // each cell over the one before
grow_down = 1.4;

// ---- five levels, upwards: bottom, base and top of the lens, interface, surface ---------------------------------
// z = level_z + level_bend * (1 - r^2 / lens_radius^2) inside the rim
level_z[] = {bottom, -lens_depth - thickness_rim / 2, -lens_depth + thickness_rim / 2, interface, 0};
bend = (thickness_middle - thickness_rim) / 2;
level_bend[] = {0, -bend, bend, 0, 0};
sign_x[] = {-1, 1, 1, -1};
sign_y[] = {-1, -1, 1, 1};
rim = lens_radius / Sqrt(2);

For l In {0:4}
  base = 1000 * (l + 1);
  Point(base) = {0, 0, level_z[l]};  // centre of the rim's arcs
  z_core = level_z[l] + level_bend[l] * (1 - 2 * core^2 / lens_radius^2);
  For i In {0:3}
    Point(base + 101 + i) = {sign_x[i] * core, sign_y[i] * core, z_core};
    Point(base + 201 + i) = {sign_x[i] * rim, sign_y[i] * rim, level_z[l]};
    Point(base + 301 + i) = {sign_x[i] * half_width, sign_y[i] * half_width, level_z[l]};
  EndFor
  For i In {0:3}
    j = (i + 1) % 4;
    // points between the ends, on the curved surface
    For k In {1:3}
      x = core * (sign_x[i] + (sign_x[j] - sign_x[i]) * k / 4);
      y = core * (sign_y[i] + (sign_y[j] - sign_y[i]) * k / 4);
      Point(base + 400 + 10 * i + k) = {x, y, level_z[l] + level_bend[l] * (1 - (x^2 + y^2) / lens_radius^2)};
      s = core + (rim - core) * k / 4;
      Point(base + 500 + 10 * i + k) = {sign_x[i] * s, sign_y[i] * s, level_z[l] + level_bend[l] * (1 - 2 * s^2 / lens_radius^2)};
    EndFor
    Spline(base + 11 + i) = {base + 101 + i, base + 401 + 10 * i, base + 402 + 10 * i, base + 403 + 10 * i, base + 101 + j};
    Circle(base + 21 + i) = {base + 201 + i, base, base + 201 + j};
    Line(base + 31 + i) = {base + 301 + i, base + 301 + j};
    Spline(base + 111 + i) = {base + 101 + i, base + 501 + 10 * i, base + 502 + 10 * i, base + 503 + 10 * i, base + 201 + i};
    Line(base + 121 + i) = {base + 201 + i, base + 301 + i};
    Transfinite Curve {base + 11 + i, base + 21 + i, base + 31 + i} = n_core + 1;
    Transfinite Curve {base + 111 + i} = n_ring + 1;
    Transfinite Curve {base + 121 + i} = n_outside + 1 Using Progression grow_outside;
  EndFor
  Curve Loop(base) = {base + 11, base + 12, base + 13, base + 14};
  Surface(base) = {base};
  For r In {1:2}
    For i In {0:3}
      j = (i + 1) % 4;
      tag = base + 10 * r + 1 + i;
      Curve Loop(tag) = {tag, base + 101 + 10 * r + j, -(tag + 10), -(base + 101 + 10 * r + i)};
      Surface(tag) = {tag};
    EndFor
  EndFor
EndFor

// ---- upright lines and surfaces between the levels ----------------------------------------------------------------
For l In {0:3}
  base = 1000 * (l + 1);
  For r In {1:3}
    For i In {0:3}
      line = 10000 + base + 10 * r + 1 + i;
      Line(line) = {base + 100 * r + 1 + i, base + 1000 + 100 * r + 1 + i};
      If (l == 0)
        Transfinite Curve {line} = n_layer[l] + 1 Using Progression 1 / grow_down;
      Else
        Transfinite Curve {line} = n_layer[l] + 1;
      EndIf
    EndFor
  EndFor
  For r In {1:3}
    For i In {0:3}
      j = (i + 1) % 4;
      edge = base + 10 * r + 1 + i;
      tag = 20000 + edge;
      Curve Loop(tag) = {edge, 10000 + base + 10 * r + 1 + j, -(edge + 1000), -(10000 + edge)};
      Surface(tag) = {tag};
    EndFor
  EndFor
  For r In {1:2}
    For i In {0:3}
      edge = base + 101 + 10 * r + i;
      tag = 30000 + base + 10 * r + 1 + i;
      Curve Loop(tag) = {edge, 10000 + base + 10 * (r + 1) + 1 + i, -(edge + 1000), -(10000 + base + 10 * r + 1 + i)};
      Surface(tag) = {tag};
    EndFor
  EndFor
EndFor

// ---- blocks -----------------------------------------------------------------------------------------------------
For l In {0:3}
  base = 1000 * (l + 1);
  Surface Loop(base) = {base, base + 1000, 20000 + base + 11, 20000 + base + 12, 20000 + base + 13, 20000 + base + 14};
  Volume(base) = {base};
  For r In {1:2}
    For i In {0:3}
      j = (i + 1) % 4;
      tag = base + 10 * r + 1 + i;
      Surface Loop(tag) = {tag, tag + 1000, 20000 + tag, 20000 + tag + 10, 30000 + tag, 30000 + base + 10 * r + 1 + j};
      Volume(tag) = {tag};
    EndFor
  EndFor
EndFor
Transfinite Surface "*";
Recombine Surface "*";
Transfinite Volume "*";

// ---- names: every block belongs to one zone, every outer face to one boundary ---------------------------------------
all_blocks[] = {0, 11, 12, 13, 14, 21, 22, 23, 24};
lens_blocks[] = {0, 11, 12, 13, 14};
basement[] = {};
caprock[] = {2021, 2022, 2023, 2024}; // beside the rim of the lens
overburden[] = {};
reservoir[] = {};
floor[] = {};
top[] = {};
For b In {0:8}
  basement[] += 1000 + all_blocks[b];
  caprock[] += 3000 + all_blocks[b];
  overburden[] += 4000 + all_blocks[b];
  floor[] += 1000 + all_blocks[b];
  top[] += 5000 + all_blocks[b];
EndFor
For b In {0:4}
  reservoir[] += 2000 + lens_blocks[b];
EndFor
Physical Volume("basement", 1) = {basement[]};
Physical Volume("reservoir", 2) = {reservoir[]};
Physical Volume("caprock", 3) = {caprock[]};
Physical Volume("overburden", 4) = {overburden[]};
Physical Surface("bottom", 11) = {floor[]};
Physical Surface("top", 12) = {top[]};
Physical Surface("south", 13) = {21031, 22031, 23031, 24031};
Physical Surface("east", 14) = {21032, 22032, 23032, 24032};
Physical Surface("north", 15) = {21033, 22033, 23033, 24033};
Physical Surface("west", 16) = {21034, 22034, 23034, 24034};
