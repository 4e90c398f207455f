// Places: who may converse with a server at the same time. So many in all, so many from one
// address; where there is no place left, whoever has been idle longest makes room.
//
// A stranger who opens more than his share meets his own limit; one who opens them from everywhere
// and says nothing only drives out others that say nothing. Servers on several event loops share
// one, and are counted together.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "strata/5_session/address.hpp"

namespace strata::application {

struct PlacesOptions {
    std::size_t connections_max = 1024;
    std::size_t per_address_max = 256;  // of IPv6 a network of 64 bits counts as one
    std::size_t leaving_max = 64;       // that have been told to make room, and have not left yet
};

enum class NoPlace : std::uint8_t { full, address_full };

class Places {
public:
    using Options = PlacesOptions;
    explicit Places(Options options) : options_(options) {}
    Places(const Places&) = delete;
    Places& operator=(const Places&) = delete;

private:
    struct Guest;
    using Guests = std::list<Guest*>;
    struct FromAddress {
        std::size_t count = 0;   // without those that are leaving
        std::size_t guests = 0;  // with them
        Guests idle;
    };
    using Addresses = std::map<IpAddress, FromAddress>;

public:
    // One conversation's, for as long as it holds this. Used on that conversation's event loop.
    class Place {
    public:
        Place(Place&& other) noexcept = default;
        Place& operator=(Place&&) = delete;
        ~Place();
        // It waits for its client to say something; or it no longer
        // does. Idle ones may be told to leave.
        void set_idle(bool idle);

    private:
        friend class Places;
        explicit Place(std::shared_ptr<Guest> guest) : guest_(std::move(guest)) {}
        std::shared_ptr<Guest> guest_;
    };

    // `leave` is called, by way of the executor, when this conversation is idle and shall make
    // room. The Places outlive the place.
    [[nodiscard]] std::expected<Place, NoPlace> take(const session::Address& client,
                                                     const boost::asio::any_io_executor& executor,
                                                     std::function<void()> leave);
    [[nodiscard]] std::size_t taken() const;

private:
    struct Guest : std::enable_shared_from_this<Guest> {
        Places* among = nullptr;
        boost::asio::any_io_executor executor;
        std::function<void()> leave;
        Addresses::iterator address;
        bool counted = false;  // Unix sockets have no address to be counted by
        bool idle = false;
        bool leaving = false;
        Guests::iterator place_among_all{};
        Guests::iterator place_at_address{};
    };
    // All with the lock held.
    bool make_room(Guests& idle);
    void set_idle(Guest& guest, bool idle);
    void remove(Guest& guest);

    const Options options_;
    mutable std::mutex mutex_;
    std::size_t taken_ = 0;
    std::size_t leaving_ = 0;
    Addresses addresses_;
    Guests idle_;  // the one that has been idle longest first
};

}  // namespace strata::application
