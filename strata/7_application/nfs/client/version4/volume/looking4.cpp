// Volume4: what is there (RFC 7530 16.1, 16.7, 16.13, 16.24, 16.25).
#include <algorithm>

#include "strata/7_application/nfs/client/version4/message/failure4.hpp"
#include "strata/7_application/nfs/client/version4/volume/volume4.hpp"
#include "strata/7_application/nfs/client/volume/probe.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;
using v4::Op;
using v4::Status4;

awaitable<Attributes> Volume4::attributes_of(const AnyHandle& handle) {
    Compound4 asked;
    asked.at(handle).op(Op::getattr, v4::GetattrArguments{asked_of_file()});
    Heard4 heard = co_await talk_->ask(asked);
    check(heard.next().status);
    const auto said = heard.next<v4::GetattrResults>();
    check(said.status);
    co_return told4_of_file(said.attributes, asked_of_file()).attributes;
}

awaitable<std::optional<Found>> Volume4::look_up(const PlaceOfName& place) {
    const std::span<const std::string> names(&place.name, 1);
    std::vector<Found> found = co_await look_down(place.folder, names);
    std::optional<Found> one;
    if (!found.empty()) one = std::move(found.front());
    co_return one;
}

awaitable<std::vector<Found>> Volume4::look_down(const AnyHandle& folder, std::span<const std::string> names) {
    names = names.first(std::min(names.size(), names_at_once_));
    Compound4 asked;
    asked.at(folder);
    for (const std::string& name : names) {
        asked.op(Op::lookup, v4::NameArguments{std::string_view(name)})
            .op(Op::getfh)
            .op(Op::getattr, v4::GetattrArguments{asked_of_file()});
    }
    Heard4 heard = co_await talk_->ask(asked);
    if (heard.status() == Status4::resource && names_at_once_ > 1) {
        names_at_once_ = 1;  // it does not do so many operations
        const std::span<const std::string> one = names.first(1);
        co_return co_await look_down(folder, one);
    }
    check(heard.next().status);
    std::vector<Found> all;
    PlaceOfName place;
    place.folder = folder;
    for (const std::string& name : names) {
        const Status4 status = heard.next().status;
        // How far one has come is known; what is in the way the next call says.
        if (status == Status4::noent || (status != Status4::ok && !all.empty())) break;
        check(status);
        Found& found = all.emplace_back();
        found.handle = handle4_in(heard.next<GotHandle4>());
        const auto said = heard.next<v4::GetattrResults>();
        check(said.status);
        found.attributes = told4_of_file(said.attributes, asked_of_file()).attributes;
        place.name = name;
        found.place = place;
        place.folder = found.handle;
    }
    co_return all;
}

awaitable<std::string> Volume4::text_of_link(const AnyHandle& link) {
    Compound4 asked;
    asked.at(link).op(Op::readlink);
    Heard4 heard = co_await talk_->ask(asked);
    check(heard.next().status);
    const auto said = heard.next<v4::ReadlinkResults>();
    check(said.status);
    co_return std::string(said.text);
}

awaitable<bool> Volume4::may_rename_in(const AnyHandle& folder) {
    constexpr std::uint32_t lookup = 2, modify = 4, extend = 8, delete_entry = 16;  // ACCESS4_LOOKUP and its kin
    Compound4 asked;
    asked.at(folder).op(Op::access, v4::AccessArguments{lookup | modify | extend | delete_entry});
    Heard4 heard = co_await talk_->ask(asked);
    check(heard.next().status);
    const auto said = heard.next<v4::AccessResults>();
    check(said.status);
    // What the server cannot tell is tried.
    constexpr std::uint32_t needed = modify | delete_entry;
    if ((said.supported & ~said.granted & needed) != 0) co_return false;
    const PlaceOfName nowhere = nowhere_in(folder, network().entropy());
    Compound4 trying;
    trying.at(folder).op(Op::remove, v4::NameArguments{std::string_view(nowhere.name)});
    Heard4 tried = co_await talk_->ask(trying);
    check(tried.next().status);
    co_return may_remove(plain_status_of(tried.next<v4::ChangedResults>().status));
}

// Attributes come with the names, always. Of one whose cannot be read a server says why (RFC 7530
// 5.8.1.12): it is there all the same.
awaitable<Page> Volume4::list(const AnyHandle& folder, const Cursor& from, std::uint32_t size,
                              bool /*with_attributes*/) {
    v4::ReaddirArguments arguments;
    arguments.cookie = from.cookie;
    arguments.verifier = from.verifier;
    arguments.names_size = arguments.count = size;
    arguments.asked = asked_of_entry();
    Compound4 asked;
    asked.at(folder).op(Op::readdir, arguments);
    Heard4 heard = co_await talk_->ask(asked);
    check(heard.next().status);
    const auto said = heard.next<v4::ReaddirResults>();
    Page page;
    page.status = said.status == Status4::not_same ? Status::bad_cookie : plain_status_of(said.status);
    page.verifier = said.verifier;
    page.end = said.end;
    for (const v4::Entry& one : said.entries) {
        const Told4 told = told4_in(one.attributes, asked_of_entry());
        const Status4 error = told.error.value_or(Status4::ok);
        if (error == Status4::ok && !told.is_whole)
            throw nonsense("the server does not say what a file is, and how long");
        Listed& listed = page.entries.emplace_back();
        listed.name = one.name;
        listed.cookie = one.cookie;
        if (error == Status4::noent || error == Status4::stale) listed.name.clear();
        listed.attributes = told.attributes;
        if (error != Status4::ok) listed.attributes->type = FileType::fifo;
    }
    co_return page;
}

}  // namespace strata::application::nfs::client
