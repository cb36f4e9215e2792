# Ceres Solver and Eigen, found or built. README.md here has versions, addresses and licences.
#
#   SMPLCERES_CERES   system  the installed Ceres (its find_package); one core, the compiler's baseline
#                     source  a static Ceres, built for each core with the core's flags
#                     auto    system if one is installed, otherwise source
#   SMPLCERES_ARCHS   cores to build: baseline, and with `source` on x86-64 also v3 (AVX2, FMA: x86-64-v3) and native
#                     (whatever the compiling machine has)
#
# A core is compiled for the same instruction set as its Ceres: Eigen's alignment depends on the set, and the linker
# keeps one copy of each inline function, so mixing sets breaks both.
#
# smplceres_find_ceres(<arch> <target>) creates an interface target of Ceres for a core.

set(SMPLCERES_CERES auto CACHE STRING "Which Ceres: auto, system or source")
set_property(CACHE SMPLCERES_CERES PROPERTY STRINGS auto system source)
if(NOT SMPLCERES_CERES MATCHES "^(auto|system|source)$")
  message(FATAL_ERROR "SMPLCERES_CERES: expected auto, system or source, got ${SMPLCERES_CERES}")
endif()

if(NOT SMPLCERES_CERES STREQUAL source)
  find_package(Ceres QUIET)
  set(_usable FALSE)
  if(Ceres_FOUND AND Ceres_VERSION VERSION_GREATER_EQUAL 2.1)
    set(_usable TRUE)
  endif()
endif()

if(SMPLCERES_CERES STREQUAL system AND NOT _usable)
  message(FATAL_ERROR
    "smplceres needs Ceres Solver 2.1 or later with Eigen 3.4, found: ${Ceres_VERSION}\n"
    "${Ceres_NOT_FOUND_MESSAGE}\n"
    "Install it with one of:\n"
    "  Debian, Ubuntu   apt-get install libceres-dev libeigen3-dev\n"
    "  Fedora           dnf install ceres-solver-devel eigen3-devel\n"
    "  macOS            brew install ceres-solver eigen\n"
    "  conda            conda install -c conda-forge ceres-solver eigen\n"
    "or name its place with -DCeres_DIR=.../lib/cmake/Ceres, or have it built with -DSMPLCERES_CERES=source")
endif()

if(SMPLCERES_CERES STREQUAL source)
  set(SMPLCERES_CERES_FROM source)
  set(_why "asked for")
elseif(SMPLCERES_CERES STREQUAL system)
  set(SMPLCERES_CERES_FROM system)
  set(_why "asked for")
elseif(_usable)
  set(SMPLCERES_CERES_FROM system)
  set(_why "installed; -DSMPLCERES_CERES=source builds a faster one")
else()
  set(SMPLCERES_CERES_FROM source)
  set(_why "no Ceres 2.1 or later is installed")
endif()

set(_archs baseline)
if(SMPLCERES_CERES_FROM STREQUAL source AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$" AND
   NOT CMAKE_OSX_ARCHITECTURES MATCHES "arm64")
  list(APPEND _archs v3)
endif()
set(SMPLCERES_ARCHS "${_archs}" CACHE STRING "Cores to build: baseline, v3, native")
foreach(_arch IN LISTS SMPLCERES_ARCHS)
  if(NOT _arch MATCHES "^(baseline|v3|native)$")
    message(FATAL_ERROR "SMPLCERES_ARCHS: expected of baseline, v3 and native, got ${_arch}")
  elseif(NOT _arch STREQUAL baseline AND SMPLCERES_CERES_FROM STREQUAL system)
    message(FATAL_ERROR "SMPLCERES_ARCHS: expected baseline alone with the system's Ceres, got ${_arch};\n"
      "-DSMPLCERES_CERES=source builds a Ceres for it")
  endif()
endforeach()

set(SMPLCERES_FLAGS_baseline "")
if(MSVC)
  set(SMPLCERES_FLAGS_v3 /arch:AVX2)
else()
  set(SMPLCERES_FLAGS_v3 -march=x86-64-v3)
  set(SMPLCERES_FLAGS_native -march=native)
endif()

if(SMPLCERES_CERES_FROM STREQUAL source)
  include(${CMAKE_CURRENT_LIST_DIR}/build_ceres.cmake)
else()
  message(STATUS "Ceres ${Ceres_VERSION} of the system (${_why}): ${Ceres_DIR}")
endif()

function(smplceres_find_ceres arch target)
  add_library(${target} INTERFACE)
  if(SMPLCERES_CERES_FROM STREQUAL source)
    smplceres_build_ceres(${arch} prefix)
    # The library was built with this MAX_LOG_LEVEL; headers that log must use the same.
    target_include_directories(${target} SYSTEM INTERFACE
      ${prefix}/include ${prefix}/include/ceres/internal/miniglog)
    target_link_libraries(${target} INTERFACE
      ${prefix}/lib/${CMAKE_STATIC_LIBRARY_PREFIX}ceres${CMAKE_STATIC_LIBRARY_SUFFIX} Eigen3::Eigen Threads::Threads)
    target_compile_definitions(${target} INTERFACE MAX_LOG_LEVEL=${SMPLCERES_MAX_LOG_LEVEL})
  else()
    target_link_libraries(${target} INTERFACE Ceres::ceres)
    # Suppresses warnings from third-party headers.
    get_target_property(includes Ceres::ceres INTERFACE_INCLUDE_DIRECTORIES)
    if(includes)
      target_include_directories(${target} SYSTEM INTERFACE ${includes})
    endif()
    if(TARGET glog::glog)
      target_compile_definitions(${target} INTERFACE SMPLCERES_HAVE_GLOG)
    endif()
  endif()
endfunction()
