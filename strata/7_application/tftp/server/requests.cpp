// What a server makes of a request: a transfer, or why there is none.
#include "strata/7_application/tftp/message/name.hpp"
#include "strata/7_application/tftp/server/desk.hpp"
#include "strata/7_application/tftp/transfer/receiving.hpp"

namespace strata::application::tftp {

Server::Desk::Accepted Server::Desk::begin(const Request& request, Bytes datagram, const session::Address& from) {
    auto asked = understand(request);
    if (!asked) return std::unexpected(asked.error());
    asked->client = from;
    asked->behind = common_->behind(from);
    asked->request.assign(datagram.begin(), datagram.end());
    auto served = make_transfer(std::move(*asked));
    if (!served) return std::unexpected(served.error());
    return request.write ? begin_writing(*served, request) : begin_reading(*served, request);
}

std::expected<Served::Asked, Server::Desk::Refusal> Server::Desk::understand(const Request& request) const {
    Served::Asked asked;
    asked.write = request.write;
    const auto mode = mode_of(request.mode);
    if (!mode) return std::unexpected(Refusal{ErrorCode::illegal_operation, "the modes are octet and netascii"});
    asked.mode = *mode;
    const auto decoded = charset_.decode(request.file);
    if (!decoded)
        return std::unexpected(Refusal{ErrorCode::access_violation, "the name is not in the server's encoding"});
    auto name = file_name(*decoded);
    if (!name) return std::unexpected(Refusal{ErrorCode::access_violation, std::string(name.error())});
    asked.name = std::move(*name);
    return asked;
}

std::expected<std::shared_ptr<Served>, Server::Desk::Refusal> Server::Desk::make_transfer(Served::Asked asked) {
    const Refusal busy{ErrorCode::not_defined, "there are too many transfers; try again later"};
    const auto slot = std::make_shared<std::weak_ptr<Served>>();
    auto place = places_->take(asked.behind, common_->network.get_executor(), [slot] {
        if (const auto served = slot->lock(); served && !served->is_proven())
            served->drop("no answer came, and others needed the place");
    });
    if (!place) return std::unexpected(busy);
    std::shared_ptr<session::Datagram> socket = socket_;
    if (!options().single_port) {
        session::error_code error;
        const session::Address any_port{socket_->local().endpoint().address, 0};
        socket = std::make_shared<session::Datagram>(common_->network.open_datagram(any_port, error));
        if (error) return std::unexpected(busy);
    }
    auto served = std::make_shared<Served>(common_, *this, std::move(asked), std::move(socket), options().single_port);
    *slot = served;
    served->set_place(std::move(*place));
    return served;
}

Server::Desk::Accepted Server::Desk::begin_reading(const std::shared_ptr<Served>& served, const Request& request) {
    const Served::Asked& asked = served->asked();
    auto file = common_->files->open(asked.name, served->began());
    if (!file) {
        ErrorMessage error = error_for(file.error());
        return std::unexpected(Refusal{error.code, std::move(error.text)});
    }
    const OptionValues values = values_of(request.options);
    const Negotiation about{values, false, asked.mode, (*file)->size(), path_blksize(values, asked.client)};
    keep(served);
    served->send(std::move(*file), negotiate(about, options().limits));
    return {};
}

Server::Desk::Accepted Server::Desk::begin_writing(const std::shared_ptr<Served>& served, const Request& request) {
    const Served::Asked& asked = served->asked();
    const OptionValues values = values_of(request.options);
    // Clients that cannot tell say 0.
    std::optional<std::uint64_t> size;
    if (asked.mode == Mode::octet && values.tsize && *values.tsize > 0) size = values.tsize;
    if (const std::error_code wrong = common_->files->may_create(asked.name)) {
        ErrorMessage error = error_for(wrong);
        return std::unexpected(Refusal{error.code, std::move(error.text)});
    }
    const Negotiation about{values, true, asked.mode, 0, path_blksize(values, asked.client)};
    keep(served);
    served->receive(size, negotiate(about, options().limits));
    return {};
}

std::size_t Server::Desk::path_blksize(const OptionValues& asked, const session::Address& client) const {
    const IpAddress& to = client.endpoint().address;
    const std::size_t unknown = blksize_for(0, to.version());
    // What every way takes needs no question.
    if (!asked.blksize || *asked.blksize <= unknown) return unknown;
    return blksize_for(common_->network.path_mtu(to), to.version());
}

}  // namespace strata::application::tftp
