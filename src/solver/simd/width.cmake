# The width of vectorized numbers; include/lodestone/solver/simd.h explains. Takes the flags of lodestone_settings and sets
#   LODESTONE_SIMD_BITS        bits of a vector register, 0 without vector instructions
#   LODESTONE_SIMD_IS_OWN      whether that is wider than what deal.II was built for, so that the instances are ours to make
set(LODESTONE_SIMD auto CACHE STRING "Width of vectorized numbers: auto, stock (what deal.II was built for), 128, 256 or 512 bits")
set_property(CACHE LODESTONE_SIMD PROPERTY STRINGS auto stock 128 256 512)

find_file(deal_ii_config deal.II/base/config.h PATHS ${DEAL_II_INCLUDE_DIRS} NO_DEFAULT_PATH NO_CACHE REQUIRED)
file(STRINGS ${deal_ii_config} deal_ii_bits REGEX "define DEAL_II_VECTORIZATION_WIDTH_IN_BITS")
string(REGEX MATCH "[0-9]+$" deal_ii_bits "${deal_ii_bits}")

# What the compiler may use, with all flags that the code is compiled with.
separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}")
get_target_property(options lodestone_settings INTERFACE_COMPILE_OPTIONS)
execute_process(COMMAND ${CMAKE_CXX_COMPILER} ${flags} ${options} -dM -E -x c++ /dev/null OUTPUT_VARIABLE macros COMMAND_ERROR_IS_FATAL ANY)
set(target_bits 0)
if(macros MATCHES "__AVX512F__ ")
  set(target_bits 512)
elseif(macros MATCHES "__AVX__ ")
  set(target_bits 256)
elseif(macros MATCHES "__SSE2__ ")
  set(target_bits 128)
endif()

if(LODESTONE_SIMD STREQUAL "auto")
  set(LODESTONE_SIMD_BITS ${target_bits})
  if(NOT DEAL_II_VERSION MATCHES "^9\\.4\\.")
    set(LODESTONE_SIMD_BITS ${deal_ii_bits}) # the list of instances is that of 9.4; ask for a width to try it elsewhere
  endif()
elseif(LODESTONE_SIMD STREQUAL "stock")
  set(LODESTONE_SIMD_BITS ${deal_ii_bits})
elseif(LODESTONE_SIMD MATCHES "^(128|256|512)$")
  if(LODESTONE_SIMD GREATER target_bits)
    message(FATAL_ERROR "LODESTONE_SIMD = ${LODESTONE_SIMD}, but the compiler's target has ${target_bits} bits. "
                        "Choose a processor that has them with CMAKE_CXX_FLAGS, e.g. -march=haswell for 256.")
  endif()
  set(LODESTONE_SIMD_BITS ${LODESTONE_SIMD})
else()
  message(FATAL_ERROR "LODESTONE_SIMD = '${LODESTONE_SIMD}' is none of auto, stock, 128, 256, 512.")
endif()

set(LODESTONE_SIMD_IS_OWN FALSE)
if(LODESTONE_SIMD_BITS GREATER deal_ii_bits)
  set(LODESTONE_SIMD_IS_OWN TRUE)
else()
  set(LODESTONE_SIMD_BITS ${deal_ii_bits}) # the library is as wide, or wider: use what it brings
endif()
message(STATUS "SIMD: ${LODESTONE_SIMD_BITS} bits (deal.II built for ${deal_ii_bits}, compiler's target ${target_bits})")
