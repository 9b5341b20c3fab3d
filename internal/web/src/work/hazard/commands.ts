// The commands on a hazard that people give at these screens.
import { graphql } from "../../api/client";

export const ApprovePlan = graphql(`mutation ApprovePlan($input: DecidePlanInput!) { approveRectificationPlan(input: $input) { hazard { id version } } }`);
export const ReturnPlan = graphql(`mutation ReturnPlan($input: DecidePlanInput!) { returnRectificationPlan(input: $input) { hazard { id version } } }`);
export const DecideExtension = graphql(`mutation DecideExtension($input: DecideExtensionInput!) { decideExtension(input: $input) { hazard { id version } } }`);
export const DecideDowngrade = graphql(`mutation DecideDowngrade($input: DecideDowngradeInput!) { decideDowngrade(input: $input) { hazard { id version } } }`);
export const AcceptRectification = graphql(`mutation AcceptRectification($input: AcceptRectificationInput!) { acceptRectification(input: $input) { hazard { id version } } }`);
export const RejectRectification = graphql(`mutation RejectRectification($input: RejectRectificationInput!) { rejectRectification(input: $input) { hazard { id version } } }`);
export const PlaceUnderOversight = graphql(`mutation PlaceUnderOversight($input: PlaceUnderOversightInput!) { placeUnderOversight(input: $input) { hazard { id version } } }`);
export const EscalateOversight = graphql(`mutation EscalateOversight($input: EscalateOversightInput!) { escalateOversight(input: $input) { hazard { id version } } }`);
export const SubmitPlan = graphql(`mutation SubmitPlan($input: SubmitRectificationPlanInput!) { submitRectificationPlan(input: $input) { hazard { id version } } }`);
export const RequestExtension = graphql(`mutation RequestExtension($input: RequestExtensionInput!) { requestExtension(input: $input) { hazard { id version } } }`);
export const MarkRectified = graphql(`mutation MarkRectified($input: MarkRectifiedInput!) { markRectified(input: $input) { hazard { id version } } }`);
export const GradeHazard = graphql(`mutation GradeHazard($input: GradeHazardInput!) { gradeHazard(input: $input) { hazard { id version } } }`);
export const RequestVoid = graphql(`mutation RequestVoid($input: RequestVoidInput!) { requestVoid(input: $input) { hazard { id version } } }`);
export const VoidHazard = graphql(`mutation VoidHazard($input: VoidHazardInput!) { voidHazard(input: $input) { hazard { id version } } }`);
export const ReopenHazard = graphql(`mutation ReopenHazard($input: ReopenHazardInput!) { reopenHazard(input: $input) { hazard { id version } } }`);
