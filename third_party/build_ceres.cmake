# Builds a static Ceres with Eigen's back ends only, with the flags of the core that links it and without log output. It
# has no SuiteSparse (whose supernodal Cholesky is GPL), LAPACK, glog, gflags or CUDA.
#
# The result is cached in SMPLCERES_CACHE_DIR under a key of all its inputs, so that a second build takes seconds.

if(WIN32)
  set(_cache "$ENV{LOCALAPPDATA}/smplceres")
elseif(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(_cache "$ENV{XDG_CACHE_HOME}/smplceres")
else()
  set(_cache "$ENV{HOME}/.cache/smplceres")
endif()
set(SMPLCERES_CACHE_DIR "${_cache}" CACHE PATH "Where sources and builds of Ceres and Eigen are kept")

set(SMPLCERES_CERES_VERSION 2.2.0)
set(SMPLCERES_CERES_URL http://ceres-solver.org/ceres-solver-2.2.0.tar.gz)
set(SMPLCERES_CERES_SHA256 48b2302a7986ece172898477c3bcd6deb8fb5cf19b3327bc49969aad4cede82d)
set(SMPLCERES_EIGEN_VERSION 3.4.0)
set(SMPLCERES_EIGEN_URL https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz)
set(SMPLCERES_EIGEN_SHA256 8586084f71f9bde545ee7fa6d00288b264a2b7ac3607b974e54d13e7162c1c72)

# Logs only FATAL messages (INFO 0, WARNING -1, ERROR -2, FATAL -3).
set(SMPLCERES_MAX_LOG_LEVEL -3)

# Runs a command; stops with its output if it fails.
function(_run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${what}: ${ARGN}\nended with ${result}:\n${output}")
  endif()
endfunction()

# Sets `directory` to the unpacked archive, or to an empty string if it cannot be downloaded.
function(_fetch name url sha256 directory)
  set(unpacked ${SMPLCERES_CACHE_DIR}/source/${name})
  if(NOT EXISTS ${unpacked}/CMakeLists.txt)
    set(archive ${SMPLCERES_CACHE_DIR}/source/${name}.tar.gz)
    file(DOWNLOAD ${url} ${archive} STATUS status TIMEOUT 300 INACTIVITY_TIMEOUT 20)
    list(GET status 0 code)
    if(NOT code EQUAL 0)
      file(REMOVE ${archive})
      set(${directory} "" PARENT_SCOPE)
      return()
    endif()
    file(SHA256 ${archive} got)
    if(NOT got STREQUAL sha256)
      file(REMOVE ${archive})
      message(FATAL_ERROR "${url}: expected SHA-256 ${sha256}, got ${got}")
    endif()
    file(REMOVE_RECURSE ${unpacked}.part)
    file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${unpacked}.part)
    file(GLOB inner ${unpacked}.part/*)
    file(RENAME ${inner} ${unpacked})
    file(REMOVE_RECURSE ${unpacked}.part)
  endif()
  set(${directory} ${unpacked} PARENT_SCOPE)
endfunction()

# Downloads Debian's or Ubuntu's source package of Ceres with apt, which verifies the checksums of its signed index.
function(_fetch_from_apt directory version)
  set(${directory} "" PARENT_SCOPE)
  find_program(APT_GET apt-get)
  if(NOT APT_GET)
    return()
  endif()
  set(place ${SMPLCERES_CACHE_DIR}/source/apt)
  file(GLOB unpacked ${place}/ceres-solver-*/CMakeLists.txt)
  if(NOT unpacked)
    execute_process(
      COMMAND ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/apt_source.sh ceres-solver ${place}
      RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT result EQUAL 0)
      message(STATUS "apt-get source ceres-solver: ${output}")
      return()
    endif()
    file(GLOB unpacked ${place}/ceres-solver-*/CMakeLists.txt)
  endif()
  list(GET unpacked 0 first)
  get_filename_component(found ${first} DIRECTORY)
  string(REGEX REPLACE ".*ceres-solver-" "" number ${found})
  set(${directory} ${found} PARENT_SCOPE)
  set(${version} ${number} PARENT_SCOPE)
endfunction()

file(MAKE_DIRECTORY ${SMPLCERES_CACHE_DIR}/source)
file(LOCK ${SMPLCERES_CACHE_DIR}/lock GUARD FILE TIMEOUT 3600 RESULT_VARIABLE _locked)
if(NOT _locked EQUAL 0)
  message(FATAL_ERROR "${SMPLCERES_CACHE_DIR}/lock: held by another build for an hour: ${_locked}")
endif()

_fetch(ceres-solver-${SMPLCERES_CERES_VERSION} ${SMPLCERES_CERES_URL} ${SMPLCERES_CERES_SHA256} SMPLCERES_CERES_SOURCE)
set(_of "its release archive")
if(NOT SMPLCERES_CERES_SOURCE)
  _fetch_from_apt(SMPLCERES_CERES_SOURCE SMPLCERES_CERES_VERSION)
  set(_of "the system's source packages, the release archive being out of reach")
endif()
if(NOT SMPLCERES_CERES_SOURCE)
  message(FATAL_ERROR
    "smplceres needs the source of Ceres: neither ${SMPLCERES_CERES_URL} nor apt-get source could be reached. "
    "An installed Ceres is used with -DSMPLCERES_CERES=system")
endif()

find_package(Eigen3 3.4 QUIET CONFIG)
if(NOT Eigen3_FOUND)
  _fetch(eigen-${SMPLCERES_EIGEN_VERSION} ${SMPLCERES_EIGEN_URL} ${SMPLCERES_EIGEN_SHA256} _eigen)
  if(NOT _eigen)
    message(FATAL_ERROR "smplceres needs Eigen 3.4: none is installed, and ${SMPLCERES_EIGEN_URL} cannot be reached")
  endif()
  set(_prefix ${SMPLCERES_CACHE_DIR}/eigen-${SMPLCERES_EIGEN_VERSION})
  _run("Eigen" ${CMAKE_COMMAND} -S ${_eigen} -B ${_prefix}/build -G ${CMAKE_GENERATOR}
    -DCMAKE_INSTALL_PREFIX=${_prefix} -DBUILD_TESTING=OFF -DEIGEN_BUILD_DOC=OFF)
  _run("Eigen" ${CMAKE_COMMAND} --install ${_prefix}/build)
  find_package(Eigen3 3.4 REQUIRED CONFIG PATHS ${_prefix} NO_DEFAULT_PATH)
endif()
message(STATUS "Ceres ${SMPLCERES_CERES_VERSION} from ${_of} (${_why}), Eigen ${Eigen3_VERSION}, for ${SMPLCERES_ARCHS}")

# Builds Ceres for a core unless it is cached; sets `prefix` to its installation.
function(smplceres_build_ceres arch prefix)
  string(JOIN " " flags ${CMAKE_CXX_FLAGS} ${SMPLCERES_FLAGS_${arch}})
  set(options
    -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_CXX_FLAGS=${flags}
    -DCMAKE_CXX_FLAGS_RELEASE=${CMAKE_CXX_FLAGS_RELEASE}
    -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON
    -DCMAKE_CXX_VISIBILITY_PRESET=hidden
    -DCMAKE_VISIBILITY_INLINES_HIDDEN=ON
    -DCMAKE_OSX_ARCHITECTURES=${CMAKE_OSX_ARCHITECTURES}
    -DCMAKE_OSX_DEPLOYMENT_TARGET=${CMAKE_OSX_DEPLOYMENT_TARGET}
    -DCMAKE_INSTALL_LIBDIR=lib
    -DEigen3_DIR=${Eigen3_DIR}
    -DMINIGLOG=ON
    -DMINIGLOG_MAX_LOG_LEVEL=${SMPLCERES_MAX_LOG_LEVEL}
    -DEIGENSPARSE=ON
    -DSCHUR_SPECIALIZATIONS=OFF)  # they are for fixed block sizes, which do not occur here
  foreach(off GFLAGS SUITESPARSE CXSPARSE ACCELERATESPARSE EIGENMETIS LAPACK CUDA USE_CUDA BUILD_TESTING BUILD_EXAMPLES
      BUILD_BENCHMARKS BUILD_SHARED_LIBS PROVIDE_UNINSTALL_TARGET)
    list(APPEND options -D${off}=OFF)
  endforeach()
  file(SHA256 ${CMAKE_CURRENT_FUNCTION_LIST_FILE} recipe)
  string(SHA256 key "${options};${SMPLCERES_CERES_SOURCE};${CMAKE_CXX_COMPILER_VERSION};${Eigen3_VERSION};${recipe}")
  string(SUBSTRING ${key} 0 12 key)
  set(place ${SMPLCERES_CACHE_DIR}/ceres-${SMPLCERES_CERES_VERSION}-${arch}-${key})
  if(NOT EXISTS ${place}/built)
    message(STATUS "Ceres ${SMPLCERES_CERES_VERSION} for ${arch} is being built; this takes minutes, once: ${place}")
    _run("Ceres for ${arch}" ${CMAKE_COMMAND} -S ${SMPLCERES_CERES_SOURCE} -B ${place}/build -G ${CMAKE_GENERATOR}
      -DCMAKE_INSTALL_PREFIX=${place} -DCMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER} ${options})
    _run("Ceres for ${arch}" ${CMAKE_COMMAND} --build ${place}/build --config Release --parallel)
    _run("Ceres for ${arch}" ${CMAKE_COMMAND} --install ${place}/build --config Release)
    file(REMOVE_RECURSE ${place}/build)
    file(TOUCH ${place}/built)
  endif()
  set(${prefix} ${place} PARENT_SCOPE)
endfunction()
