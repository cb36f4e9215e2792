# Ceres Solver and Eigen, from the system. Gives the target `smplceres_ceres`.
#
#   Ceres Solver  2.1 or 2.2  BSD-3-Clause   (Debian 12: libceres-dev 2.1.0)
#   Eigen         3.4         MPL-2.0        (Debian 12: libeigen3-dev 3.4.0; comes with libceres-dev)
#
# The extension is compiled for the instruction set that the system's Ceres was (the compiler's baseline): Eigen's
# alignment differs between sets, and mixing them breaks both.

find_package(Ceres QUIET)
if(NOT Ceres_FOUND OR Ceres_VERSION VERSION_LESS 2.1)
  message(FATAL_ERROR
    "smplceres needs Ceres Solver 2.1 or later with Eigen 3.4, found: ${Ceres_VERSION}\n"
    "${Ceres_NOT_FOUND_MESSAGE}\n"
    "Install it with one of:\n"
    "  Debian, Ubuntu   apt-get install libceres-dev libeigen3-dev\n"
    "  Fedora           dnf install ceres-solver-devel eigen3-devel\n"
    "  macOS            brew install ceres-solver eigen\n"
    "  conda            conda install -c conda-forge ceres-solver eigen\n"
    "or name its place with -DCeres_DIR=.../lib/cmake/Ceres")
endif()
message(STATUS "Ceres ${Ceres_VERSION} from ${Ceres_DIR}")

add_library(smplceres_ceres INTERFACE)
target_link_libraries(smplceres_ceres INTERFACE Ceres::ceres)
# Warnings are for our own code, not for headers of others.
get_target_property(_ceres_includes Ceres::ceres INTERFACE_INCLUDE_DIRECTORIES)
if(_ceres_includes)
  target_include_directories(smplceres_ceres SYSTEM INTERFACE ${_ceres_includes})
endif()
if(TARGET glog::glog)
  target_compile_definitions(smplceres_ceres INTERFACE SMPLCERES_HAVE_GLOG)
endif()
