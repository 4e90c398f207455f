// Volume4: names are made and changed (RFC 7530 16.4, 16.9, 16.26, 16.27, 16.32).
#include "strata/7_application/nfs/client/version4/message/failure4.hpp"
#include "strata/7_application/nfs/client/version4/volume/volume4.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;
using v4::Op;
using v4::Status4;

namespace {

// That the current filehandle is a folder, or that it is none: VERIFY, NVERIFY.
void ask_whether_folder(Compound4& asked, bool is_folder) {
    std::vector<std::byte> type(4);
    store_be32(type.data(), static_cast<std::uint32_t>(FileType::folder));
    v4::VerifyArguments arguments;
    v4::add(arguments.attributes.mask, v4::Attribute::type);
    arguments.attributes.values = Bytes(type);
    asked.op(is_folder ? Op::verify : Op::nverify, arguments);
}

}  // namespace

awaitable<Status> Volume4::make_folder(const PlaceOfName& place, std::uint32_t mode) {
    Setting4 setting;
    setting.mode(mode);
    v4::CreateArguments arguments;
    arguments.name = std::string_view(place.name);
    arguments.attributes = setting.fattr();
    Compound4 asked;
    asked.at(place.folder).op(Op::create, arguments);
    Heard4 heard = co_await talk_->ask(asked);
    check(heard.next().status);
    co_return plain_status_of(heard.next<v4::CreateResults>().status);
}

// REMOVE takes an empty folder as well as a file: which of them is meant is asked before.
awaitable<Status> Volume4::remove(const PlaceOfName& place, bool is_folder) {
    const v4::NameArguments name{std::string_view(place.name)};
    Compound4 asked;
    asked.at(place.folder).op(Op::lookup, name);
    ask_whether_folder(asked, is_folder);
    asked.at(place.folder).op(Op::remove, name);
    Heard4 heard = co_await talk_->ask(asked);
    check(heard.next().status);
    const Status4 found = heard.next().status;
    if (found != Status4::ok) co_return plain_status_of(found);
    const Status4 kind = heard.next().status;
    if (kind == Status4::same) co_return Status::isdir;
    if (kind == Status4::not_same) co_return Status::notdir;
    check(kind);
    check(heard.next().status);
    co_return plain_status_of(heard.next<v4::ChangedResults>().status);
}

awaitable<Status> Volume4::rename(const PlaceOfName& from, const PlaceOfName& to) {
    v4::RenameArguments arguments;
    arguments.from = std::string_view(from.name);
    arguments.to = std::string_view(to.name);
    Compound4 asked;
    asked.at(from.folder).op(Op::savefh).at(to.folder).op(Op::rename, arguments);
    Heard4 heard = co_await talk_->ask(asked);
    for (int i = 0; i < 3; ++i) check(heard.next().status);
    co_return plain_status_of(heard.next<v4::RenameResults>().status);
}

awaitable<Status> Volume4::link(const AnyHandle& file, const PlaceOfName& to) {
    Compound4 asked;
    asked.at(file).op(Op::savefh).at(to.folder).op(Op::link, v4::NameArguments{std::string_view(to.name)});
    Heard4 heard = co_await talk_->ask(asked);
    for (int i = 0; i < 3; ++i) check(heard.next().status);
    co_return plain_status_of(heard.next<v4::ChangedResults>().status);
}

awaitable<Status> Volume4::set(const AnyHandle& file, const Setting4& setting) {
    v4::SetattrArguments arguments;
    arguments.attributes = setting.fattr();
    Compound4 asked;
    asked.at(file).op(Op::setattr, arguments);
    Heard4 heard = co_await talk_->ask(asked);
    check(heard.next().status);
    co_return plain_status_of(heard.next<v4::SetattrResults>().status);
}

awaitable<Status> Volume4::set_date(const AnyHandle& file, std::uint32_t seconds) {
    Setting4 setting;
    setting.modified(seconds);
    co_return co_await set(file, setting);
}

}  // namespace strata::application::nfs::client
