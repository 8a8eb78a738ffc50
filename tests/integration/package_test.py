"""A stranger's program on the installed package. The environment names the build that is installed (LODESTONE_BUILD) and cmake (CMAKE)."""
import os
import pathlib
import shutil
import subprocess
import unittest

from program import HERE, Program, table


class Package(Program):
    def call(self, *command):
        process = subprocess.run([str(argument) for argument in command], cwd=self.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.assertEqual(process.returncode, 0, process.stdout[-3000:] + process.stderr[-3000:])
        return process.stdout

    def test_stranger_evaluates_objective_and_gradient(self):
        """J is what `lodestone invert` reports at its start; the gradient's slope is that of central differences."""
        cmake, prefix = os.environ["CMAKE"], self.folder / "prefix"
        self.call(cmake, "--install", os.environ["LODESTONE_BUILD"], "--prefix", prefix)
        # Besides its own program the stranger compiles every header, with the compiler's usual flags and none of those of the library.
        headers = sorted(str(path.relative_to(prefix / "include")) for path in (prefix / "include").rglob("*.h"))
        self.assertGreater(len(headers), 50)
        self.assertIn("lodestone/version.h", headers)
        project = self.folder / "stranger"
        shutil.copytree(HERE / "stranger", project)
        (project / "headers.cc").write_text("".join(f"#include <{name}>\n" for name in headers))
        with open(project / "CMakeLists.txt", "a", encoding="utf-8") as file:
            file.write("target_sources(stranger PRIVATE headers.cc)\n")
        self.call(cmake, "-S", project, "-B", project / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
        self.call(cmake, "--build", project / "build")

        printed = dict(line.split() for line in self.call(project / "build" / "stranger", "good.prm").splitlines())
        numbers = {name: float(value) for name, value in printed.items()}
        self.assertNotEqual(numbers["predicted"], 0)
        # A step of 1e-4 leaves a relative error of its square times J'''/J', about 1e-7, in central differences.
        self.assertLess(abs(numbers["measured"] - numbers["predicted"]), 2e-6 * abs(numbers["predicted"]))

        self.run_well("invert", "good.prm")
        start = table(self.folder / "results" / "history.csv")["J"][0]
        self.assertLess(abs(numbers["J"] - start), 1e-6 * start)

    def test_names_nothing_of_the_build(self):
        """The package can be moved: it names no path of the source or build folder."""
        build = pathlib.Path(os.environ["LODESTONE_BUILD"])
        prefix = self.folder / "prefix"
        self.call(os.environ["CMAKE"], "--install", build, "--prefix", prefix)
        for file in (prefix / "lib").rglob("*.cmake"):
            text = file.read_text()
            for folder in (str(build), str(HERE.parents[1] / "include"), "-march", "-Werror"):
                self.assertNotIn(folder, text, file)


if __name__ == "__main__":
    unittest.main()
