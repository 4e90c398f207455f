// Names and passwords of hosts, as the file .netrc keeps them (netrc(5)).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strata/7_application/http/message/url.hpp"

namespace strata::application::http {

class Netrc {
public:
    Netrc() = default;
    // "machine NAME login USER password SECRET", "default login …", macros and comments skipped,
    // words quoted or not. What makes no sense is skipped too: it is another program's file.
    [[nodiscard]] static Netrc parse(std::string_view text);
    // The user's own file, if it is one that can be read and is no larger than file_max.
    [[nodiscard]] static Netrc read(const std::string& path);
    // The first entry of that host, or the default one; of that user, if one is named.
    [[nodiscard]] std::optional<Credentials> of(std::string_view host, std::string_view user = {}) const;

    static constexpr std::size_t file_max = 1 << 20;

private:
    struct Entry {
        std::optional<std::string> machine;  // none: the default
        Credentials credentials;
    };
    std::vector<Entry> entries_;
};

}  // namespace strata::application::http
