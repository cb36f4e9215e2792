# The C++ package: libsmplceres with the public headers of cpp/include, its tests and its installation.
#
# All installation rules are of the component `cpp`; where Python's are built too: cmake --install BUILD --component cpp

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(ZLIB REQUIRED)

if(NOT SMPLCERES_ARCH IN_LIST SMPLCERES_ARCHS)
  message(FATAL_ERROR "SMPLCERES_ARCH: expected of the cores that are built, ${SMPLCERES_ARCHS}, got ${SMPLCERES_ARCH}")
endif()

# Reading of bodies and priors. It is separate from the core, because Python reads files itself and needs no zlib.
add_library(smplceres_files STATIC
  cpp/smplceres/io/body_file.cc
  cpp/smplceres/io/npy_header.cc
  cpp/smplceres/io/npz.cc
  cpp/smplceres/io/pose_prior_file.cc
  cpp/smplceres/lift/lifter_file.cc)
target_link_libraries(smplceres_files PUBLIC smplceres_${SMPLCERES_ARCH} PRIVATE ZLIB::ZLIB)
target_compile_options(smplceres_files PRIVATE -Wall -Wextra -Wconversion)

# The path from the library to its data is the same before and after installation, so that it can be moved.
set(_data ${CMAKE_INSTALL_DATADIR}/smplceres)
file(RELATIVE_PATH _data_from_library /prefix/${CMAKE_INSTALL_LIBDIR} /prefix/${_data})

add_library(smplceres SHARED
  cpp/facade/body.cc
  cpp/facade/camera.cc
  cpp/facade/data_folder.cc
  cpp/facade/fit.cc
  cpp/facade/keypoints.cc
  cpp/facade/scenes.cc
  cpp/facade/sequence.cc
  cpp/facade/settings.cc
  cpp/facade/tracker.cc)
add_library(smplceres::smplceres ALIAS smplceres)
set_target_properties(smplceres PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
target_include_directories(smplceres
  PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/cpp/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(smplceres
  PUBLIC Eigen3::Eigen
  PRIVATE smplceres_${SMPLCERES_ARCH} smplceres_files ${CMAKE_DL_LIBS})
# The alignment of Eigen's matrices depends on the instruction set, so users compile with the library's.
target_compile_options(smplceres INTERFACE ${SMPLCERES_FLAGS_${SMPLCERES_ARCH}} PRIVATE -Wall -Wextra -Wconversion)
target_compile_features(smplceres INTERFACE cxx_std_17)
target_compile_definitions(smplceres PRIVATE
  SMPLCERES_BUILDS_LIBRARY SMPLCERES_DATA_FROM_LIBRARY="${_data_from_library}")
# Standard library templates over types of the core are visible by default; the version script hides them.
if(UNIX AND NOT APPLE)
  set(_map ${PROJECT_SOURCE_DIR}/cmake/exports.map)
  target_link_options(smplceres PRIVATE "LINKER:--version-script=${_map}")
  set_target_properties(smplceres PROPERTIES LINK_DEPENDS ${_map})
endif()

install(TARGETS smplceres EXPORT smplceres COMPONENT cpp
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT cpp NAMELINK_COMPONENT cpp
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT cpp
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT cpp)
install(DIRECTORY cpp/include/smplceres DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT cpp)
install(DIRECTORY python/smplceres/data/ DESTINATION ${_data} COMPONENT cpp
  FILES_MATCHING PATTERN "*.npz" PATTERN "*.txt" PATTERN "photos" EXCLUDE)
install(FILES package.xml LICENSE DESTINATION ${_data} COMPONENT cpp)

set(_cmake ${CMAKE_INSTALL_LIBDIR}/cmake/smplceres)
set(SMPLCERES_INSTALL_DATADIR ${_data})
configure_package_config_file(cmake/smplceresConfig.cmake.in ${PROJECT_BINARY_DIR}/smplceresConfig.cmake
  INSTALL_DESTINATION ${_cmake} PATH_VARS SMPLCERES_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/smplceresConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(EXPORT smplceres NAMESPACE smplceres:: FILE smplceresTargets.cmake DESTINATION ${_cmake} COMPONENT cpp)
install(FILES ${PROJECT_BINARY_DIR}/smplceresConfig.cmake ${PROJECT_BINARY_DIR}/smplceresConfigVersion.cmake
  DESTINATION ${_cmake} COMPONENT cpp)

option(SMPLCERES_TESTS "Build the C++ tests, which need GoogleTest" OFF)
if(SMPLCERES_TESTS)
  enable_testing()
  add_subdirectory(cpp/tests)
endif()
