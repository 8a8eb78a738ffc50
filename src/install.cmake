# What `cmake --install` copies: the program, its decks and texts, and the library as a CMake package:
#
#   find_package(lodestone 0.1 REQUIRED)
#   target_link_libraries(my_program PRIVATE lodestone::lodestone)
#
# The library may be tuned for this processor (LODESTONE_NATIVE), but programs that use it need no flags of theirs: the width of the vector
# registers reaches no header that is installed. Headers in matrix_free/ and simd.h depend on that width and on the order of includes; they
# are the library's own and stay behind.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS lodestone RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY inputs meshes DESTINATION ${CMAKE_INSTALL_DATADIR}/lodestone)
install(FILES LICENSE README.md CHANGELOG.md CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})

set_target_properties(lodestone_core PROPERTIES EXPORT_NAME lodestone OUTPUT_NAME lodestone)
target_compile_features(lodestone_core INTERFACE cxx_std_17)
target_include_directories(lodestone_core INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
foreach(library ${deal_ii_target} MPI::MPI_CXX PkgConfig::LODESTONE_PETSC)
  target_link_libraries(lodestone_core INTERFACE $<INSTALL_INTERFACE:${library}>)
endforeach()
foreach(library PkgConfig::LODESTONE_PROJ hdf5::hdf5 ZLIB::ZLIB ${CMAKE_DL_LIBS}) # no header of ours includes theirs
  target_link_libraries(lodestone_core INTERFACE $<INSTALL_INTERFACE:$<LINK_ONLY:${library}>>)
endforeach()
if(LODESTONE_SANITIZE)
  target_link_options(lodestone_core INTERFACE $<INSTALL_INTERFACE:-fsanitize=address,undefined>)
endif()

install(TARGETS lodestone_core EXPORT lodestone ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/lodestone DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h"
        PATTERN matrix_free EXCLUDE PATTERN simd.h EXCLUDE)
install(FILES ${PROJECT_BINARY_DIR}/include/lodestone/version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lodestone)

set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/lodestone)
configure_package_config_file(src/lodestoneConfig.cmake.in ${PROJECT_BINARY_DIR}/lodestoneConfig.cmake
                              INSTALL_DESTINATION ${package_directory})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/lodestoneConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/lodestoneConfig.cmake ${PROJECT_BINARY_DIR}/lodestoneConfigVersion.cmake
        DESTINATION ${package_directory})
install(EXPORT lodestone FILE lodestoneTargets.cmake NAMESPACE lodestone:: DESTINATION ${package_directory})
