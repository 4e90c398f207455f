// Rows: a folder's listing as text in either form, a slice at a time.
#pragma once

#include <string>
#include <string_view>

#include "strata/7_application/files/folder_reader.hpp"
#include "strata/7_application/http/server/answer.hpp"

namespace strata::application::http {

class Rows {
public:
    // Both outlive it.
    Rows(const FolderListing& listing, const FolderNames& names) : listing_(listing), names_(names) {}

    [[nodiscard]] std::string head() const;
    // So many entries more, as far as there are.
    void append(std::string& to, std::size_t count);
    [[nodiscard]] bool done() const noexcept { return place_ == names_.size(); }
    [[nodiscard]] std::string_view foot() const noexcept;

private:
    const FolderListing& listing_;
    const FolderNames& names_;
    std::size_t place_ = 0;
    bool first_ = true;
};

// By which a listing in its form is kept.
[[nodiscard]] std::string key_of(const FolderListing& listing);

}  // namespace strata::application::http
