// What the examples leave out, for comparison with Python: consumer CASE < keypoints, rows `x y confidence`.
#include <exception>
#include <iostream>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "smplceres/smplceres.h"

using namespace smplceres;

namespace {

void Print(const char* name, const Eigen::Ref<const Eigen::MatrixXd>& rows) {
  const Eigen::IOFormat format(std::numeric_limits<double>::max_digits10, Eigen::DontAlignCols, " ", "\n");
  std::cout << name << " " << rows.rows() << " " << rows.cols() << "\n" << rows.format(format) << "\n";
}

void Print(const BodyParameters& parameters) {
  Print("global_orient", parameters.global_orient.transpose());
  Print("body_pose", parameters.body_pose);
  Print("betas", parameters.betas.transpose());
  Print("transl", parameters.transl.transpose());
}

PinholeCamera Front() {
  PinholeCamera camera;
  camera.fx = 1100.0;
  camera.fy = 1080.0;
  camera.cx = 640.0;
  camera.cy = 360.0;
  return camera;
}

// At (5, 0, 5) of the front camera's frame, looking along -x.
PinholeCamera Side() {
  PinholeCamera camera = Front();
  camera.rotation << 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0;
  camera.translation << -5.0, 0.0, 5.0;
  return camera;
}

Keypoints Read() {
  std::vector<double> numbers;
  for (double number = 0.0; std::cin >> number;) numbers.push_back(number);
  return {Eigen::Map<const Rows3>(numbers.data(), static_cast<long>(numbers.size() / 3), 3), "smpl24"};
}

void Settings() {
  FitSettings settings;
  settings.preset = "smplify";
  settings.starts = 3;
  settings.sigma_px = 4.0;
  settings.betas = Eigen::VectorXd::LinSpaced(10, -1.0, 1.0);
  const FitResult fit = FitKeypoints(Body(), Read(), Front(), settings);
  Print(fit);
  Print("keypoints2d", fit.keypoints2d.front());
}

void TwoCameras() {
  const Keypoints both = Read();
  const Keypoints first{both.rows.topRows(24), both.format}, second{both.rows.bottomRows(24), both.format};
  const FitResult fit = FitKeypoints(Body(), {first, second}, {Front(), Side()});
  Print(fit);
  Print("keypoints2d", fit.keypoints2d.back());
}

void Focal() {
  PinholeCamera camera = Front();
  camera.focal_known = false;
  const FitResult fit = FitKeypoints(Body(), Read(), camera);
  Print(fit);
  Print("fx", Eigen::MatrixXd::Constant(1, 1, fit.cameras.front().fx));
}

void Clip() {
  const Keypoints all = Read();
  std::vector<Keypoints> frames;
  std::vector<double> times;
  for (long row = 0; row < all.rows.rows(); row += 24) {
    times.push_back(static_cast<double>(frames.size()) / 32.0);
    frames.push_back({all.rows.middleRows(row, 24), all.format});
  }
  const ClipResult clip = FitKeypointClip(Body(), frames, times, Front());
  Rows3 transl(static_cast<long>(frames.size()), 3), joints(all.rows.rows(), 3);
  for (size_t i = 0; i < frames.size(); ++i) {
    const long row = static_cast<long>(i);
    transl.row(row) = clip.frames[i].transl;
    joints.middleRows(24 * row, 24) = clip.joints[i];
  }
  Print("transl", transl);
  Print("joints", joints);
  Print("betas", clip.frames.front().betas.transpose());
}

void Posed() {
  const Body body("female", 16);
  BodyParameters parameters = body.Zero();
  parameters.global_orient << 0.1, -0.2, 0.3;
  parameters.body_pose.setConstant(0.15);
  parameters.betas.setLinSpaced(-1.0, 1.0);
  parameters.transl << 0.0, 1.0, 4.0;
  const PosedBody posed = body.Pose(parameters);
  Print("vertices", posed.vertices);
  Print("joints", posed.joints);
  Print("faces", body.faces().cast<double>());
}

PosedBody PosedWithExpression(const Body& body) {
  BodyParameters parameters = body.Zero();
  parameters.body_pose.setConstant(0.1);
  parameters.coefficients.at("expression").setLinSpaced(-1.0, 1.0);
  parameters.transl << 0.0, 1.0, 4.0;
  return body.Pose(parameters);
}

Keypoints ReadWhole() {
  const Keypoints read = Read();
  return {read.rows, "openpose_whole137"};
}

void Whole() {
  const Body body("whole");
  const FitResult fit = FitKeypoints(body, ReadWhole(), Front());
  Print(fit);
  Print("expression", fit.coefficients.at("expression").transpose());
  Print("keypoints2d", fit.keypoints2d.front());
  Print("vertices", PosedWithExpression(body).vertices);
}

// The same keypoints, at ten times.
void WholeStream() {
  const Body body("whole");
  const Keypoints keypoints = ReadWhole();
  PersonTracker tracker(body, Front());
  TrackedPerson person;
  for (int frame = 0; frame < 10; ++frame) person = tracker.Update(keypoints, frame / 32.0);
  Print(person);
  Print("expression", person.coefficients.at("expression").transpose());
  Print("joint_std", tracker.JointStd(person).transpose());
}

// One body, shared by threads that fit at the same time.
void Threads() {
  const Body body;
  const Keypoints keypoints = Read();
  std::vector<FitResult> fits(4);
  std::vector<std::thread> threads;
  for (FitResult& fit : fits) threads.emplace_back([&] { fit = FitKeypoints(body, keypoints, Front()); });
  for (std::thread& thread : threads) thread.join();
  for (const FitResult& fit : fits) Print("joints", fit.joints);
}

template <typename Call>
void Refused(const Call& call) {
  try {
    call();
    std::cout << "no error\n";
  } catch (const std::invalid_argument& error) {
    std::cout << error.what() << "\n";
  }
}

void Refusals() {
  const Body body;
  const Keypoints keypoints = Read();
  Keypoints nan = keypoints, negative = keypoints, unseen = keypoints;
  nan.rows(3, 0) = std::numeric_limits<double>::quiet_NaN();
  negative.rows(2, 2) = -1.0;
  unseen.rows.col(2).setZero();
  FitSettings preset, threads, betas;
  preset.preset = "other";
  threads.threads = -1;
  betas.betas = Eigen::VectorXd::Zero(3);
  PinholeCamera mirror = Front();
  mirror.rotation(0, 0) = -1.0;
  Refused([&] { Body("child"); });
  Refused([&] { FitKeypoints(body, nan, Front()); });
  Refused([&] { FitKeypoints(body, negative, Front()); });
  Refused([&] { FitKeypoints(body, unseen, Front()); });
  Refused([&] { FitKeypoints(body, keypoints, mirror); });
  Refused([&] { FitKeypoints(body, {keypoints}, std::vector<PinholeCamera>()); });
  Refused([&] { FitKeypoints(body, keypoints, Front(), preset); });
  Refused([&] { FitKeypoints(body, keypoints, Front(), threads); });
  Refused([&] { FitKeypoints(body, keypoints, Front(), betas); });
  Refused([&] { body.Pose(BodyParameters()); });
  BodyParameters smiling = body.Zero();
  smiling.coefficients["expression"] = Eigen::VectorXd::Zero(10);
  Refused([&] { body.Pose(smiling); });
  PersonTracker tracker(body, Front());
  Refused([&] { tracker.Predict(1.0); });
  tracker.Update(keypoints, 1.0);
  Refused([&] { tracker.Update(keypoints, 1.0); });
}

}  // namespace

int main(int count, char** arguments) {
  const std::string chosen = count == 2 ? arguments[1] : "";
  try {
    if (chosen == "settings")
      Settings();
    else if (chosen == "two_cameras")
      TwoCameras();
    else if (chosen == "focal")
      Focal();
    else if (chosen == "clip")
      Clip();
    else if (chosen == "posed")
      Posed();
    else if (chosen == "whole")
      Whole();
    else if (chosen == "whole_stream")
      WholeStream();
    else if (chosen == "threads")
      Threads();
    else if (chosen == "refusals")
      Refusals();
    else
      return 2;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
