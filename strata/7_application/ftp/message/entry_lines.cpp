#include "strata/7_application/ftp/message/entry_lines.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "strata/0_foundation/ascii.hpp"

namespace strata::application::ftp {
namespace {

constexpr auto half_a_year = std::chrono::days{182};

// RFC 3659 7.5.5.
std::string_view permissions(bool folder, FileRights rights) {
    switch (rights) {
        case FileRights::read: return folder ? "el" : "r";
        case FileRights::add: return folder ? "celm" : "r";
        case FileRights::all: return folder ? "cdeflmp" : "adfrw";
    }
    return "";
}

struct NamedFact {
    std::string_view name;
    bool FactsWanted::* wanted;
};
constexpr std::array facts_known{NamedFact{"type", &FactsWanted::type}, NamedFact{"size", &FactsWanted::size},
                                 NamedFact{"modify", &FactsWanted::modify}, NamedFact{"perm", &FactsWanted::perm}};

}  // namespace

std::string format_facts_wanted(const FactsWanted& wanted) {
    std::string text;
    for (const auto& [name, member] : facts_known) text.append(name).append(wanted.*member ? "*;" : ";");
    return text;
}

FactsWanted parse_facts_wanted(std::string_view list) {
    FactsWanted wanted{false, false, false, false};
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(';'), list.size());
        for (const auto& [name, member] : facts_known)
            if (equal_ignoring_case(name, list.substr(0, end))) wanted.*member = true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return wanted;
}

void append_facts(std::string& to, const FileFacts& facts, std::string_view type, FileRights rights,
                  const FactsWanted& wanted) {
    const auto out = std::back_inserter(to);
    if (wanted.type) fmt::format_to(out, "type={};", type);
    if (wanted.size && !facts.folder) fmt::format_to(out, "size={};", facts.size);
    if (wanted.modify) fmt::format_to(out, "modify={};", format_time_value(facts.modified));
    if (wanted.perm) fmt::format_to(out, "perm={};", permissions(facts.folder, rights));
    to += ' ';
}

void append_list_line(std::string& to, const FileFacts& facts, std::string_view name, FileRights rights, FileTime now) {
    const auto second = std::chrono::floor<std::chrono::seconds>(facts.modified);
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss of_day{second - day};
    const bool recent = facts.modified <= now + std::chrono::days{1} && now - facts.modified < half_a_year;
    const bool writable = rights == FileRights::all;
    const std::string_view mode = facts.folder ? (rights == FileRights::read ? "dr-xr-xr-x" : "drwxr-xr-x")
                                               : (writable ? "-rw-r--r--" : "-r--r--r--");
    const auto out = std::back_inserter(to);
    fmt::format_to(out, "{}   1 ftp      ftp      {:>12} {} {:>2} ", mode, facts.size,
                   month_names[static_cast<unsigned>(date.month()) - 1], static_cast<unsigned>(date.day()));
    if (recent) {
        fmt::format_to(out, "{:02}:{:02} ", of_day.hours().count(), of_day.minutes().count());
    } else {
        fmt::format_to(out, "{:>5} ", static_cast<int>(date.year()));
    }
    to += name;
}

}  // namespace strata::application::ftp
