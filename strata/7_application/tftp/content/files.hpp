// Files: what a server reads from and, if it may, writes to: a name in, a Reading or a Writing out.
//
// FolderFiles is the one of `serve`; tests have others.
#pragma once

#include "strata/0_foundation/time.hpp"
#include "strata/7_application/tftp/content/content.hpp"

namespace strata::application::tftp {

class Files {
public:
    virtual ~Files() = default;
    // `name` is relative, its parts separated by '/'. Errors: as FileRoot::open_file, and
    // is_a_directory.
    [[nodiscard]] virtual std::expected<std::shared_ptr<const Reading>, std::error_code> open(std::string_view name,
                                                                                              Instant now) = 0;
    // Whether create() would do it, as far as that can be told without a trace: whoever asks may be
    // forged. Errors: as of Upload::begin().
    [[nodiscard]] virtual std::error_code may_create(std::string_view name) = 0;
    // Nothing is there under this name before it is committed. `size` is what the client says.
    // Errors: as of Upload::begin().
    [[nodiscard]] virtual std::expected<std::unique_ptr<Writing>, std::error_code> create(
        std::string_view name, std::optional<std::uint64_t> size) = 0;
};

}  // namespace strata::application::tftp
