#include "strata/6_presentation/host_name.hpp"

#include <dlfcn.h>
#include <idn2.h>

#include <algorithm>

namespace strata::presentation {
namespace {

struct IdnLibrary {
    decltype(&::idn2_to_ascii_8z) to_ascii = nullptr;
    decltype(&::idn2_strerror) words = nullptr;
    decltype(&::idn2_free) free = nullptr;
};

IdnLibrary open_libidn2() {
    IdnLibrary library;
    void* const opened = ::dlopen("libidn2.so.0", RTLD_NOW | RTLD_LOCAL);
    if (opened == nullptr) return library;
    library.to_ascii = reinterpret_cast<decltype(library.to_ascii)>(::dlsym(opened, "idn2_to_ascii_8z"));
    library.words = reinterpret_cast<decltype(library.words)>(::dlsym(opened, "idn2_strerror"));
    library.free = reinterpret_cast<decltype(library.free)>(::dlsym(opened, "idn2_free"));
    return library.words != nullptr && library.free != nullptr ? library : IdnLibrary{};
}

}  // namespace

std::expected<std::string, std::string> host_name_in_ascii(const std::string& name) {
    const auto is_ascii = [](char letter) { return static_cast<unsigned char>(letter) < 0x80; };
    if (std::ranges::all_of(name, is_ascii)) return name;
    static const IdnLibrary library = open_libidn2();
    if (library.to_ascii == nullptr)
        return std::unexpected(
            "a name that is not ASCII needs libidn2, which is not installed here (on Debian: libidn2-0)");
    char* ascii = nullptr;
    const int result = library.to_ascii(name.c_str(), &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    if (result != IDN2_OK) return std::unexpected(std::string("it is no name of a host: ") + library.words(result));
    std::string text(ascii);
    library.free(ascii);
    return text;
}

}  // namespace strata::presentation
