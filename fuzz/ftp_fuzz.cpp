// Any bytes as what FTP says on its control connection: lines come out the same however they were
// cut, and within their bound; addresses, dates and names that are read can be written and read
// again; no name leads out, and no reply ends before its end. The same of what a server says:
// replies, and entries of its lists.
// links: application
#include <algorithm>
#include <cstdlib>

#include "strata/7_application/ftp/message/command.hpp"
#include "strata/7_application/ftp/message/command_reader.hpp"
#include "strata/7_application/ftp/message/data_address.hpp"
#include "strata/7_application/ftp/message/entry_lines.hpp"
#include "strata/7_application/ftp/message/entry_reader.hpp"
#include "strata/7_application/ftp/message/path.hpp"
#include "strata/7_application/ftp/message/reply.hpp"
#include "strata/7_application/ftp/message/reply_reader.hpp"

namespace {

using namespace strata;
namespace ftp = application::ftp;

void require(bool holds) {
    if (!holds) std::abort();
}

std::vector<std::string> lines_of(std::string_view input, std::size_t piece) {
    ftp::CommandReader reader;
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < input.size(); at += piece) {
        reader.add(input.substr(at, piece));
        while (auto line = reader.next()) {
            require(line->text.size() <= ftp::CommandReader::line_max);
            require(!line->text.contains('\n'));
            lines.push_back(std::move(line->text));
        }
        require(!reader.has_unread());
        require(reader.take_answers().size() <= piece + 2);
    }
    return lines;
}

// Each as a text; "broken" last, if it is.
std::vector<std::string> replies_of(std::string_view input, std::size_t piece) {
    ftp::ReplyReader reader;
    std::vector<std::string> replies;
    for (std::size_t at = 0; at < input.size() && !reader.is_broken(); at += piece) {
        reader.add(input.substr(at, piece));
        while (const auto reply = reader.next()) {
            require(reply->code >= 100 && reply->code < 600 && !reply->lines.empty());
            std::string text = std::to_string(reply->code);
            for (const std::string& line : reply->lines) {
                require(!line.contains('\n') && line.size() <= input.size());
                text += '\n' + line;
            }
            replies.push_back(std::move(text));
        }
    }
    if (reader.is_broken()) replies.emplace_back("broken");
    return replies;
}

void look_at_entry(std::string_view line) {
    constexpr ftp::FileTime now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 30}};
    for (const auto& entry : {ftp::parse_facts_line(line), ftp::parse_list_line(line, now)}) {
        if (!entry) continue;
        require(!entry->name.empty() && line.contains(entry->name));
        require(entry->kind == ftp::ListedEntry::Kind::file || !entry->size);
    }
}

void look_at_addresses(std::string_view text) {
    if (const auto at = ftp::parse_port_argument(text))
        require(ftp::parse_port_argument(ftp::format_port_argument(*at)) == at);
    if (const auto at = ftp::parse_eprt_argument(text))
        require(ftp::parse_eprt_argument(ftp::format_eprt_argument(*at)).value() == *at);
    if (const auto at = ftp::find_passive_address(text)) require(at->address.is_v4() && number_of(at->port) != 0);
    if (const auto port = ftp::find_extended_passive_port(text)) require(*port != 0);
}

void look_at_names(std::string_view text) {
    const std::string name = ftp::resolve("a/b", text);
    require(!name.starts_with('/') && !name.ends_with('/') && !name.contains("//"));
    require(ftp::resolve("", name) == name);
    for (std::string_view rest = name; !rest.empty(); rest = ftp::folder_of(rest)) {
        const std::string_view entry = ftp::entry_of(rest);
        require(!entry.empty() && entry != "." && entry != "..");
    }
    const std::string said = ftp::reply(257, ftp::quoted(ftp::shown(name)));
    require(std::ranges::count(said, '\n') == 1 && said.ends_with("\r\n"));
    (void)ftp::matches(text.substr(0, text.size() / 2), text.substr(text.size() / 2));
    require(ftp::matches("*", text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1 || size > 16384) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto lines = lines_of(input, 1 + data[0]);
    require(lines == lines_of(input, 20000));
    require(replies_of(input, 1 + data[0]) == replies_of(input, 20000));
    for (std::string_view rest = input; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        look_at_entry(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    for (const std::string& line : lines) {
        const ftp::Command command = ftp::parse_command(line);
        require(command.argument.size() <= line.size());
        look_at_addresses(command.argument);
        look_at_names(command.argument);
        if (const auto time = ftp::parse_time_value(command.argument))
            require(ftp::format_time_value(*ftp::parse_time_value(ftp::format_time_value(*time))) ==
                    ftp::format_time_value(*time));
        const ftp::FactsWanted wanted = ftp::parse_facts_wanted(command.argument);
        require(ftp::format_facts_wanted(wanted).size() <= 24 + 4);
    }
    return 0;
}
