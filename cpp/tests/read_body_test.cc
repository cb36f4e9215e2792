#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>
#include <string>

#include "smplceres/evidence/default_joint_limits.h"
#include "smplceres/evidence/default_joint_prior.h"
#include "smplceres/evidence/keypoint_points.h"
#include "smplceres/io/body_file.h"
#include "smplceres/io/keypoint_format.h"
#include "smplceres/io/pose_prior_file.h"
#include "smplceres/io/skeleton.h"
#include "smplceres/terms/priors/mixture_prior.h"

namespace smplceres {
namespace {

const std::string kData = SMPLCERES_TEST_DATA;

TEST(ReadBody, HasJointsAndLandmarksOfSmpl) {
  for (const char* gender : {"neutral", "male", "female"}) {
    const NamedBody body = ReadBody(kData + "/body_" + gender + ".npz", 10);
    EXPECT_EQ(body.joint_names, SmplJoints());
    EXPECT_EQ(body.model->num_betas(), 10);
    EXPECT_GE(body.Joint("left_knee"), 0);
    EXPECT_EQ(body.Joint("tail"), -1);
    for (const Landmark& landmark : body.landmarks)
      EXPECT_NEAR(std::accumulate(landmark.weights.begin(), landmark.weights.end(), 0.0), 1.0, 1e-6);
    EXPECT_NE(DefaultJointLimits(body), nullptr);
  }
}

TEST(ReadBody, HasHandsExpressionAndFaceOfTheWholeBody) {
  const NamedBody body = ReadBody(kData + "/body_whole.npz", 10);
  const FrameLayout& layout = body.model->layout();
  EXPECT_EQ(body.joint_names, JointNames(55));
  EXPECT_EQ(layout.num_free_joints(), 25);
  EXPECT_EQ(layout.num_components(), 24);
  EXPECT_EQ(layout.num_coefficients(), 10);
  for (const std::string& name : FaceLandmarks()) EXPECT_NE(body.FindLandmark(name), nullptr) << name;
  EXPECT_EQ(NumPriorJoints(*body.model), kSharedJoints);
  EXPECT_EQ(DefaultJointLimits(body)->joints.size(), 21u);
  EXPECT_EQ(DefaultJointPrior(body).size(), 3u);
}

TEST(ReadBody, KeepsAsManyBetasAsAsked) {
  EXPECT_EQ(ReadBody(kData + "/body_neutral.npz", 3).model->num_betas(), 3);
  EXPECT_EQ(ReadBody(kData + "/body_neutral.npz", 99).model->num_betas(), 16);
  EXPECT_THROW(ReadBody(kData + "/body_neutral.npz", 0), std::invalid_argument);
}

TEST(ReadBody, ErrorsNameFileAndArray) {
  const std::string prior = kData + "/pose_prior.npz";
  try {
    ReadBody(prior, 10);
    FAIL() << "a pose prior was read as a body";
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(error.what(), prior + ": parents: expected in the file, got a file without");
  }
}

TEST(ReadPosePrior, IsAMixtureOverSmplsPose) {
  const MixtureMoments moments = ReadPosePrior(kData + "/pose_prior.npz");
  const MixturePrior prior = MixturePrior::FromMoments(moments.weights, moments.means, moments.covariances);
  EXPECT_EQ(prior.components.size(), 8u);
  EXPECT_EQ(prior.mean_size(), 69);
}

// This body has no fingers and no detailed face.
TEST(KeypointFormats, AllHaveADifferentNameAndPointsOnTheBody) {
  const NamedBody body = ReadBody(kData + "/body_neutral.npz", 2);
  for (const KeypointFormat& format : KeypointFormats()) {
    EXPECT_EQ(&FormatNamed(format.name), &format);
    for (const std::string& alias : format.aliases) EXPECT_EQ(&FormatNamed(alias), &format);
    const KeypointPoints points = MakeKeypointPoints(body, format);
    ASSERT_EQ(points.point_of_keypoint.size(), format.keypoints.size());
    for (size_t k = 0; k < format.keypoints.size(); ++k) {
      const bool is_detail = points.roles[k] == KeypointRole::kHand ||
                             points.roles[k] == KeypointRole::kFace ||
                             points.roles[k] == KeypointRole::kContour;
      EXPECT_EQ(points.point_of_keypoint[k] < 0, is_detail || format.keypoints[k].location.empty())
          << format.name << " " << format.keypoints[k].name;
    }
  }
  EXPECT_THROW(FormatNamed("no such format"), std::invalid_argument);
}

}  // namespace
}  // namespace smplceres
