/** Written for __ITEM__ in round __ROUND__. */
export const item = "__ITEM__";
