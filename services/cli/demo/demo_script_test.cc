// deploy/demo.sh, with a `tandem` that only notes what it was asked for.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace tandem::cli {
namespace {

namespace fs = std::filesystem;

TEST(DemoScript, GivesTheFolderToBothAndToEachItsOwnOptions) {
  std::string pattern = ::testing::TempDir() + "tandem-demo-XXXXXX";
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  const fs::path root = pattern;
  const fs::path tandem = root / "build/release/bin/tandem";
  fs::create_directories(root / "deploy");
  fs::create_directories(tandem.parent_path());
  fs::copy_file(fs::path(TANDEM_SOURCE_DIR) / "deploy/demo.sh", root / "deploy/demo.sh");
  std::ofstream(tandem) << "#!/bin/sh\necho \"$@\" >>asked\n";
  fs::permissions(tandem, fs::perms::owner_all);

  const std::string script = "sh " + (root / "deploy/demo.sh").string();
  EXPECT_EQ(std::system((script + " --folder here --leads 7 --bus kafka").c_str()), 0);
  EXPECT_EQ(std::system((script + " --replicas=2 --folder=there").c_str()), 0);
  std::ostringstream asked;
  asked << std::ifstream(root / "asked").rdbuf();
  EXPECT_EQ(asked.str(),
            "up --folder here --bus kafka\n"
            "demo --folder here --leads 7\n"
            "up --folder=there --replicas=2\n"
            "demo --folder=there\n");
  fs::remove_all(root);
}

}  // namespace
}  // namespace tandem::cli
