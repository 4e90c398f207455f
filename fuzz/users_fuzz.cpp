// What says who somebody is: the file of users, and HTTP's Authorization and Origin fields.
// links: application
#include <cstdlib>

#include "strata/6_presentation/base64.hpp"
#include "strata/7_application/http/message/credentials.hpp"
#include "strata/7_application/users/users_file.hpp"

using namespace strata::application;

namespace {

void require(bool good) {
    if (!good) std::abort();
}

// What is read is written so that the same is read from it.
void read_file(std::string_view text) {
    const UsersFileOptions options{.size_max = 4096, .users_max = 20, .name_size_max = 16};
    const auto users = parse_users(text, options);
    if (!users) return require(users.error().number > 0 && !users.error().what.empty());
    require(users->size() <= options.users_max);
    std::string written;
    for (const UserLine& user : *users) {
        require(!user.name.empty() && user.name.size() <= options.name_size_max);
        require(user.name.find_first_of(":\n") == std::string::npos);
        written += line_of(user) + "\n";
    }
    require(parse_users(written, options).value() == *users);
}

void read_fields(std::string_view text) {
    if (const auto known = http::parse_basic(text)) {
        require(known->user.find(':') == std::string::npos);
        require(known->password.find('\n') == std::string::npos);
        const std::string again = "Basic " + strata::presentation::base64(known->user + ":" + known->password);
        require(http::parse_basic(again).value() == *known);
    }
    if (const auto bytes = strata::presentation::from_base64(text))
        require(strata::presentation::base64(*bytes) == text);
    require(strata::presentation::from_base64(strata::presentation::base64(text)).value() == text);
    const std::size_t half = text.size() / 2;
    if (http::is_same_site(text.substr(0, half), text.substr(half))) require(text.substr(0, half).contains("://"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    read_file(text);
    read_fields(text);
    return 0;
}
