// Assets of GitHub releases.
#pragma once

#include "source/http.hpp"
#include "source/locator.hpp"
#include "support/result.hpp"

#include <string>

namespace anecompat::source {

// GITHUB_TOKEN or GH_TOKEN; empty when there is none.
std::string github_token();

// The request that downloads the asset: the public download URL without a token; with one the API's
// asset URL, which also answers for private repositories. Errors: download, naming the assets that
// exist.
Result<HttpRequest> github_asset_request(const Locator& locator, const NetworkPolicy& policy);

}  // namespace anecompat::source
