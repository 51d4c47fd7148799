"""The gateway of stream mode, told who may connect and what the switches say."""

from datetime import timedelta

from entrypoints.simulator.callbacks.stream import StreamGateway
from entrypoints.simulator.endpoints.credentials import accepts
from entrypoints.simulator.gateway.gateway import Gateway
from entrypoints.simulator.gateway.switches import Opening, Switches
from entrypoints.simulator.world.world import World


def stream_gateway(world: World) -> StreamGateway:
    """A gateway for the robots of this world, under its switches."""
    return Gateway(
        accepts=lambda client_id, secret: accepts(world, client_id, secret),
        switches=lambda: _switches(world),
    )


def _switches(world: World) -> Switches:
    now = world.switches
    return Switches(
        opening=Opening(now.stream_opening),
        refuses_tickets=now.stream_refuses_tickets,
        closes_at_once=now.stream_closes_at_once,
        is_silent=now.stream_is_silent,
        sends_twice=now.stream_sends_twice,
        garbles=now.stream_garbles,
        ignores_acknowledgements=now.stream_ignores_acknowledgements,
        loses_offline=now.stream_loses_offline,
        latency=timedelta(seconds=now.stream_latency),
    )
