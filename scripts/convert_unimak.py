#!/usr/bin/env python3
"""Converts the Unimak Island data (GNSS and InSAR velocities) into Lodestone's CSV format.

The data are public: https://github.com/uafgeotools/vmod (MIT licence; doi:10.5281/zenodo.10070627), folders examples/gps and
examples/insar. Files read, from the input folder:

  unimak_gnss_NOAM.txt   name lon lat ve vn vu se sn su      (m/yr, North America frame)
  unimak_asc_ref.csv     lon lat heading incidence los error row0 row1 col0 col1   (degrees, m/yr, positive toward the satellite;
  unimak_des_ref.csv     the last four are the bounds of the quadtree cell in pixels)

Files written, in m/yr: gnss.csv, ascending.csv, descending.csv. Quadtree cells of more pixels than --largest-cell are left out:
they average over deformation. The error column of the InSAR files is the scatter inside a cell, not an error, and is
replaced by one standard deviation. GNSS keeps its formal errors; a floor belongs into the parameter file.
"""

import argparse
import pathlib
import sys


def rows(path, count):
    """Fields of all lines that are not comments, with their line numbers."""
    if not path.is_file():
        sys.exit(f"{path}: no such file. Download it as described by --help.")
    found = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        fields = line.split()
        if not fields or fields[0].startswith("%"):
            continue
        if len(fields) != count:
            sys.exit(f"{path}:{number}: {len(fields)} columns, {count} are expected")
        found.append(fields)
    return found


def write(path, header, lines, comments):
    path.write_text("".join(f"# {text}\n" for text in comments) + header + "\n" + "".join(",".join(line) + "\n" for line in lines))
    print(f"{path}: {len(lines)} rows")


def convert_gnss(source, target):
    stations = rows(source, 9)
    write(target, "name,lon,lat,east,north,up,sigma_east,sigma_north,sigma_up", stations,
          ["GNSS velocities, North America frame, formal errors", "units: m/yr"])


def convert_insar(source, target, largest_cell, sigma):
    kept = []
    cells = rows(source, 10)
    for lon, lat, heading, incidence, los, _, row0, row1, col0, col1 in cells:
        if (int(row1) - int(row0)) * (int(col1) - int(col0)) <= largest_cell:
            kept.append([lon, lat, los, f"{sigma:g}", incidence, heading])
    write(target, "lon,lat,los,sigma,incidence,heading", kept,
          ["InSAR line-of-sight velocities, positive toward the satellite, right looking",
           f"{len(cells) - len(kept)} of {len(cells)} quadtree cells have more than {largest_cell} pixels and are left out",
           "units: m/yr"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=pathlib.Path, help="folder with the downloaded files")
    parser.add_argument("output", type=pathlib.Path, help="folder for the CSV files; made when missing")
    parser.add_argument("--largest-cell", type=int, default=3000, help="pixels of the largest quadtree cell that is kept (default: %(default)s)")
    parser.add_argument("--los-sigma", type=float, default=1e-3, help="standard deviation of line-of-sight velocities, m/yr (default: %(default)s)")
    arguments = parser.parse_args()

    arguments.output.mkdir(parents=True, exist_ok=True)
    convert_gnss(arguments.input / "unimak_gnss_NOAM.txt", arguments.output / "gnss.csv")
    for track, name in (("asc", "ascending"), ("des", "descending")):
        convert_insar(arguments.input / f"unimak_{track}_ref.csv", arguments.output / f"{name}.csv", arguments.largest_cell,
                      arguments.los_sigma)


if __name__ == "__main__":
    main()
