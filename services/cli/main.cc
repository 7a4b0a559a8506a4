#include <iostream>
#include <string>
#include <vector>

#include "services/cli/app.h"

int main(int argc, char** argv) {
  return tandem::cli::run(std::vector<std::string>(argv + 1, argv + argc), std::cout, std::cerr);
}
