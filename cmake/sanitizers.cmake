# The extension under sanitizers, for `make sanitize`: what reads or writes outside an object, uses memory that
# nothing has set, or overflows stops the process with a report.
#
#   SMPLCERES_SANITIZE   address  AddressSanitizer and UndefinedBehaviorSanitizer, assertions of Eigen and of the standard
#                                 library, and NaN in all matrices that nothing has set
#                        thread   ThreadSanitizer
#
# Ceres is the system's, without instrumentation: what it does with our memory is seen by its calls of functions of the
# C library alone, and containers that it fills are not checked for their capacity (ASAN_OPTIONS in tools/sanitize).

set(SMPLCERES_SANITIZE "" CACHE STRING "Sanitizers of the extension: address, thread or empty")
set_property(CACHE SMPLCERES_SANITIZE PROPERTY STRINGS "" address thread)

if(SMPLCERES_SANITIZE STREQUAL address)
  # Of floating-point numbers, division by 0 is defined (IEEE 754) and used.
  set(_sanitizers -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all)
  add_compile_definitions(_GLIBCXX_ASSERTIONS EIGEN_INITIALIZE_MATRICES_BY_NAN)
  add_compile_options(-UNDEBUG)
elseif(SMPLCERES_SANITIZE STREQUAL thread)
  set(_sanitizers -fsanitize=thread)
elseif(NOT SMPLCERES_SANITIZE STREQUAL "")
  message(FATAL_ERROR "SMPLCERES_SANITIZE: expected address, thread or nothing, got ${SMPLCERES_SANITIZE}")
endif()
if(SMPLCERES_SANITIZE)
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -fno-omit-frame-pointer")
  add_compile_options(${_sanitizers})
  add_link_options(${_sanitizers})
endif()
