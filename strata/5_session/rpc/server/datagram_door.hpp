// DatagramDoor: a socket on which an RPC server hears calls, one a datagram (RFC 5531 5). A reply
// that cannot leave at once is lost, as any datagram may be: the client calls again.
#pragma once

#include <vector>

#include "strata/5_session/rpc/server/dispatcher.hpp"
#include "strata/5_session/rpc/server/options.hpp"

namespace strata::session::rpc {

class DatagramDoor : public std::enable_shared_from_this<DatagramDoor> {
public:
    DatagramDoor(Network& network, Datagram socket, std::shared_ptr<Dispatcher> dispatcher,
                 const ServerOptions& options);
    DatagramDoor(const DatagramDoor&) = delete;
    DatagramDoor& operator=(const DatagramDoor&) = delete;

    void start();
    // No more calls are taken; it closes when those that are here have their replies.
    void finish();
    void abort();

private:
    class Back;
    void arrived(const error_code& error, std::size_t size, const Address& from);
    void take(Bytes message, const Address& from);
    void let_go();
    void close();

    Datagram socket_;
    Address local_;
    std::shared_ptr<Dispatcher> dispatcher_;
    std::size_t calls_max_;
    std::size_t reply_room_;
    std::function<bool(const Address&)> lets_in_;
    std::vector<std::byte> buffer_;
    std::vector<std::byte> reply_;
    Timer rest_;
    std::size_t calls_ = 0;
    bool finishing_ = false;
    bool closed_ = false;
};

}  // namespace strata::session::rpc
