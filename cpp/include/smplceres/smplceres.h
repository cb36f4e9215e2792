// All of smplceres for C++.
#pragma once

#include "smplceres/body.h"
#include "smplceres/camera.h"
#include "smplceres/fit.h"
#include "smplceres/keypoints.h"
#include "smplceres/sequence.h"
#include "smplceres/tracker.h"
