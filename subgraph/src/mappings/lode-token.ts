import { Address } from "@graphprotocol/graph-ts";
import { DelegateChanged, DelegateVotesChanged, Transfer } from "../../generated/LodeToken/LodeToken";
import { Holder } from "../../generated/schema";
import { loadProtocol } from "../entities/protocol";
import { ZERO } from "../entities/record";
import { recordDelegateChanged, recordDelegateVotesChanged, recordTransfer } from "../records/lode-token";

export {
  recordApproval as handleApproval,
  recordAuthorityUpdated as handleAuthorityUpdated,
  recordEIP712DomainChanged as handleEIP712DomainChanged,
} from "../records/lode-token";

export function handleTransfer(event: Transfer): void {
  recordTransfer(event);
  const value = event.params.value;
  const zero = Address.zero();
  if (event.params.from == zero) {
    const protocol = loadProtocol();
    protocol.supplyWei = protocol.supplyWei.plus(value);
    protocol.save();
  } else {
    const from = loadHolder(event.params.from);
    from.balanceWei = from.balanceWei.minus(value);
    from.save();
  }
  if (event.params.to == zero) {
    const protocol = loadProtocol();
    protocol.supplyWei = protocol.supplyWei.minus(value);
    protocol.save();
  } else {
    // Loaded after the sender is saved: both may be the same.
    const to = loadHolder(event.params.to);
    to.balanceWei = to.balanceWei.plus(value);
    to.save();
  }
}

export function handleDelegateChanged(event: DelegateChanged): void {
  recordDelegateChanged(event);
  const holder = loadHolder(event.params.delegator);
  holder.delegate = event.params.toDelegate;
  holder.save();
}

export function handleDelegateVotesChanged(event: DelegateVotesChanged): void {
  recordDelegateVotesChanged(event);
  const holder = loadHolder(event.params.delegate);
  holder.votesWei = event.params.newVotes;
  holder.save();
}

function loadHolder(address: Address): Holder {
  const known = Holder.load(address);
  if (known) return known;
  const holder = new Holder(address);
  holder.balanceWei = ZERO;
  holder.votesWei = ZERO;
  return holder;
}
