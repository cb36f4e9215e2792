// main() of a harness where the compiler has no libFuzzer:
//
//   HARNESS [-max_total_time=SECONDS] [-seed=N] [FOLDER or FILE ...]
//
// Inputs are random bytes, and the given files with random changes.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

Input Read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Input Changed(Input input, std::mt19937_64& random) {
  if (input.empty() || random() % 4 == 0) {
    input.resize(random() % 512);
    for (auto& byte : input) byte = static_cast<std::uint8_t>(random());
  }
  for (auto changes = 1 + random() % 8; changes > 0 && !input.empty(); --changes) {
    const std::size_t at = random() % input.size();
    switch (random() % 4) {
      case 0:
        input[at] = static_cast<std::uint8_t>(random());
        break;
      case 1:
        input[at] = static_cast<std::uint8_t>(input[at] ^ (1u << random() % 8));
        break;
      case 2:
        input.resize(at + 1);
        break;
      default:
        input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), random() % 9, input[at]);
    }
  }
  return input;
}

}  // namespace

int main(int count, char** arguments) {
  double seconds = 10;
  std::uint64_t seed = 1;
  std::vector<Input> inputs(1);
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument.rfind("-max_total_time=", 0) == 0) {
      seconds = std::atof(argument.c_str() + 16);
    } else if (argument.rfind("-seed=", 0) == 0) {
      seed = std::strtoull(argument.c_str() + 6, nullptr, 10);
    } else if (std::filesystem::is_directory(argument)) {
      for (const auto& each : std::filesystem::directory_iterator(argument)) {
        if (each.is_regular_file()) inputs.push_back(Read(each.path()));
      }
    } else if (argument[0] != '-') {
      inputs.push_back(Read(argument));
    }
  }
  for (const Input& input : inputs) LLVMFuzzerTestOneInput(input.data(), input.size());
  std::mt19937_64 random(seed);
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t done = 0;
  while (std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() < seconds) {
    const Input input = Changed(inputs[random() % inputs.size()], random);
    LLVMFuzzerTestOneInput(input.data(), input.size());
    ++done;
  }
  std::fprintf(stderr, "Done %llu runs in %.0f second(s)\n", static_cast<unsigned long long>(done), seconds);
}
